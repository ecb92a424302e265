package skill

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// runtimeAPI is Lambda's Runtime API as a function on provided.al2023 sees it: it hands out one event and takes the
// answer. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	*httptest.Server
	event   []byte
	answers chan answer
	given   chan struct{}
}

type answer struct {
	body []byte
	err  error
}

func newRuntimeAPI(event []byte) *runtimeAPI {
	a := &runtimeAPI{event: event, answers: make(chan answer, 1), given: make(chan struct{}, 1)}
	a.given <- struct{}{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.take(nil))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.take(errors.New("the handler failed")))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.take(errors.New("the function did not start")))
	a.Server = httptest.NewServer(mux)
	return a
}

func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-a.given:
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
	w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(10*time.Second).UnixMilli(), 10))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:skill")
	_, _ = w.Write(a.event)
}

func (a *runtimeAPI) take(failed error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if failed != nil {
			failed = fmt.Errorf("%w: %s", failed, body)
		}
		w.WriteHeader(http.StatusAccepted)
		a.answers <- answer{body, failed}
	}
}

// coldStart runs a function from its start to its first answer.
func coldStart(binary string, env []string, event []byte) (took time.Duration, body []byte, err error) {
	api := newRuntimeAPI(event)
	defer api.CloseClientConnections()
	command := exec.Command(binary)
	command.Env = slices.Concat(env, []string{"AWS_LAMBDA_RUNTIME_API=" + api.Listener.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=skill",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_FUNCTION_VERSION=1", "AWS_LAMBDA_LOG_GROUP_NAME=g", "AWS_LAMBDA_LOG_STREAM_NAME=s"})
	var stderr bytes.Buffer
	command.Stderr = &stderr
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	defer func() { _ = command.Process.Kill() }()
	select {
	case a := <-api.answers:
		return time.Since(began), a.body, a.err
	case err := <-ended:
		return 0, nil, fmt.Errorf("the function ended: %w\n%s", err, stderr.Bytes())
	}
}

// build builds a main the way it is deployed, for this machine.
func build(tb testing.TB, pkg string) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, pkg)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return binary
}
