package local

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// program builds functions/local, once for all tests.
var program = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "billingclerk-")
	if err != nil {
		return "", err
	}
	built = dir
	path = filepath.Join(dir, "local")
	out, err := exec.Command("go", "build", "-o", path, "../../../functions/local").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return path, err
})

var built string // where program put it

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built) // what is left is in the temporary folder
	}
	os.Exit(code)
}

// process is the program, running.
type process struct {
	cmd    *exec.Cmd
	url    string // where it answers; empty: it ended before it did
	gone   chan struct{}
	errors bytes.Buffer
}

var announced = regexp.MustCompile(`runs at (http://127\.0\.0\.1:\d+)`)

// launch starts the program and returns when it answers or has ended. It is killed after the given time, unless that
// is zero, and at the latest with the test.
func launch(t testing.TB, killAfter time.Duration, env map[string]string, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), gone: make(chan struct{})}
	p.cmd.Env = os.Environ()
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = &p.errors
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if killAfter > 0 {
		time.AfterFunc(killAfter, p.kill)
	}
	t.Cleanup(p.end)
	ready := make(chan string, 1)
	go p.listen(output, ready)
	select {
	case p.url = <-ready:
	case <-time.After(time.Minute):
		t.Fatal("the program neither answers nor ends")
	}
	return p
}

// listen reads what the program prints until its end.
func (p *process) listen(output io.Reader, ready chan<- string) {
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := announced.FindStringSubmatch(lines.Text()); found != nil {
			ready <- found[1]
		}
	}
	_ = p.cmd.Wait() // killed is how it is meant to end
	close(p.gone)
	close(ready)
}

// kill is kill -9.
func (p *process) kill() { _ = p.cmd.Process.Kill() } // it may have ended already

// end kills the program and waits for its end.
func (p *process) end() {
	p.kill()
	<-p.gone
}
