// The talk page works as plain forms. This makes it feel like a conversation: answers appear in place, can be read
// aloud, and a sentence can be spoken where the browser knows how to listen.
"use strict";

const turns = document.getElementById("turns");
const text = document.getElementById("text");
const send = document.getElementById("send");
const trouble = document.getElementById("trouble");
const aloud = document.getElementById("aloud");
const speak = document.getElementById("speak");

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

async function say(session, sentence) {
  trouble.hidden = true;
  send.disabled = true;
  try {
    const answer = await fetch("/talk", {
      method: "POST",
      headers: { "X-Part": "turn" },
      body: new URLSearchParams({ session: session, text: sentence }),
    });
    const body = parse(await answer.text());
    if (!answer.ok) {
      const why = body.querySelector(".lead");
      throw new Error(why ? why.textContent : "That did not work.");
    }
    show(body.querySelector(".turn"));
    text.value = "";
  } catch (err) {
    trouble.textContent = err.message;
    trouble.hidden = false;
  } finally {
    send.disabled = false;
    text.focus();
  }
}

function show(turn) {
  for (const old of turns.querySelectorAll(".replies")) old.remove();
  turns.append(turn);
  document.getElementById("begin")?.remove();
  document.getElementById("more").hidden = false;
  const answer = turn.querySelector(".answer");
  const listening = turn.querySelector(".listening") !== null;
  turn.scrollIntoView({ block: "end" });
  if (aloud.checked && answer && "speechSynthesis" in window) {
    const spoken = new SpeechSynthesisUtterance(answer.textContent);
    spoken.lang = "en-US";
    if (listening && speak.getAttribute("aria-pressed") === "true") spoken.onend = listen;
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  }
  // Mail leaves when the worker runs, a moment after the answer.
  for (const wait of [1500, 5000]) setTimeout(mail, wait);
}

async function mail() {
  const list = await fetch("/talk/mail");
  if (list.ok) document.getElementById("mail").replaceChildren(...parse(await list.text()).childNodes);
}

// The answers that are offered come and go with the turns, so the page listens for all forms at once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-talk]")) return;
  event.preventDefault();
  const chosen = event.submitter && event.submitter.name === "text" ? event.submitter.value : text.value;
  if (chosen.trim() !== "" && !send.disabled) say(form.elements.session.value, chosen);
});

const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
let listen = () => {};
if (Recognition) {
  speak.hidden = false;
  const ear = new Recognition();
  ear.lang = "en-US";
  listen = () => {
    try { ear.start(); } catch { /* it listens already */ }
  };
  ear.onstart = () => { speak.textContent = "Listening…"; };
  ear.onend = () => { speak.textContent = "Speak"; };
  ear.onerror = () => { speak.setAttribute("aria-pressed", "false"); };
  ear.onresult = (event) => {
    text.value = event.results[0][0].transcript.toLowerCase();
    document.getElementById("say").requestSubmit();
  };
  speak.addEventListener("click", () => {
    speak.setAttribute("aria-pressed", "true");
    listen();
  });
}
if ("speechSynthesis" in window) document.getElementById("options").hidden = false;
turns.lastElementChild?.scrollIntoView({ block: "end" });
