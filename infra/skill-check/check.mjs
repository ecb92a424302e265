// Compiles what we ship and what we answer against Amazon's published types: the manifest, account linking and every
// interaction model against ask-smapi-model, every golden response and event against ask-sdk-model. A literal with an unknown or missing field, or a
// value outside an enumeration, does not compile.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, "../..");
const skill = join(repository, "infra/skill-package");
const out = join(here, "node_modules/.check");

// declaration turns a JSON file into a typed constant.
function declaration(type, path) {
  return `export const x: ${type} = ${readFileSync(path, "utf8")};\n`;
}

const sources = [];

function source(name, imports, type, path) {
  const file = join(out, `${name}.ts`);
  writeFileSync(file, imports + declaration(type, path));
  sources.push({ file, path });
}

function filesIn(folder, ending) {
  return readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => [name.slice(0, -ending.length), join(folder, name)]);
}

mkdirSync(out, { recursive: true });
const smapi = `import { v1 } from "ask-smapi-model";\n`;
source("manifest", smapi, "v1.skill.Manifest.SkillManifestEnvelope", join(skill, "skill.json"));
source("account-linking", smapi, "v1.skill.accountLinking.AccountLinkingRequest", join(skill, "accountLinking.json"));
for (const [locale, path] of filesIn(join(skill, "interactionModels/custom"), ".json")) {
  source(`model-${locale}`, smapi, "v1.skill.interactionModel.InteractionModelData", path);
}
const sdk = `import { ResponseEnvelope } from "ask-sdk-model";\n`;
for (const [name, path] of filesIn(join(repository, "internal/voice/alexa/testdata"), ".golden")) {
  if (!readFileSync(path, "utf8").includes('"error"')) source(`answer-${name}`, sdk, "ResponseEnvelope", path);
}

const program = ts.createProgram(sources.map((s) => s.file), { strict: true, noEmit: true, skipLibCheck: true, types: [],
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext });
const problems = ts.getPreEmitDiagnostics(program);
for (const p of problems) {
  const from = sources.find((s) => s.file === p.file?.fileName);
  console.error(`${from?.path ?? p.file?.fileName}: ${ts.flattenDiagnosticMessageText(p.messageText, "\n  ")}`);
}
if (sources.length < 60) {
  console.error(`only ${sources.length} files were found to check`);
  process.exit(1);
}
console.log(`${sources.length} files against Amazon's types: ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
