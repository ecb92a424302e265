// Package dynamotest gives tests a real DynamoDB Local: one server for each test binary, started when first asked
// for, with a fresh table for each caller.
//
// Tests that use it have the build tag "dynamo", since they need Java 17, and Maven once to fetch the server; `make
// test` always sets it. If something is missing they fail and say how to get it; they never skip.
//
// The server never outlives the test binary: a shell beside it waits for the end of a pipe that the test binary
// holds, which comes with the binary's end, however it ends.
package dynamotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/dynamo"
)

// Start returns a backend on a fresh, empty table.
func Start(t testing.TB, now func() time.Time) store.Backend {
	t.Helper()
	return dynamo.New(Client(t), Table(t), now)
}

// Table creates a fresh table and returns its name.
func Table(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("clerk-%d", tables.Add(1))
	if err := dynamo.CreateTable(t.Context(), Client(t), name); err != nil {
		t.Fatal(err)
	}
	return name
}

var tables atomic.Int64

// Client returns a client of the server.
func Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	client, err := dynamo.NewClient(Options(t))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Options returns what dynamo.Open needs to reach the server, but for the table and the clock.
func Options(t testing.TB) dynamo.Options {
	t.Helper()
	return options(Endpoint(t))
}

// options are patient: the server shares a small machine with the tests.
func options(endpoint string) dynamo.Options {
	env := Environment()
	return dynamo.Options{Endpoint: endpoint, Timeout: 30 * time.Second, Getenv: func(name string) string { return env[name] }}
}

// Environment is what a process needs in its environment beside the endpoint. The server takes any credentials.
func Environment() map[string]string {
	return map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
}

// Endpoint starts the server, if it does not run yet, and returns its address: "http://127.0.0.1:…".
func Endpoint(t testing.TB) string {
	t.Helper()
	endpoint, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

var start = sync.OnceValues(func() (string, error) {
	jars, err := fetch()
	if err != nil {
		return "", err
	}
	for range 3 { // another process may take the port between our look and the server's
		endpoint, started, tryErr := try(jars)
		if started {
			return endpoint, nil
		}
		err = tryErr
	}
	return "", err
})

const advice = `DynamoDB Local is needed for this test, and could not be had: %w
It needs Java 17 and, once, Maven: on Debian "apt-get install openjdk-17-jre-headless maven"; the rest is fetched
by the test itself into .tools/dynamodb-local (infra/dynamodb-local/pom.xml).
%s`

// fetch returns the folder of the server's jars, after Maven has brought them if they were not there. Test binaries
// that run at the same time may each fetch; the first to finish wins.
func fetch() (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath("java"); err != nil {
		return "", fmt.Errorf(advice, err, "")
	}
	jars := filepath.Join(root, ".tools", "dynamodb-local")
	if complete(jars) {
		return jars, nil
	}
	if err := os.MkdirAll(filepath.Dir(jars), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(jars), "dynamodb-local-")
	if err != nil {
		return "", err
	}
	maven := exec.Command("mvn", "-q", "-B", "-f", filepath.Join(root, "infra", "dynamodb-local", "pom.xml"),
		"dependency:copy-dependencies", "-DoutputDirectory="+temp)
	if out, err := maven.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf(advice, err, out), os.RemoveAll(temp))
	}
	if err := os.Rename(temp, jars); err != nil && !complete(jars) {
		return "", err
	}
	return jars, os.RemoveAll(temp)
}

func complete(jars string) bool {
	found, err := filepath.Glob(filepath.Join(jars, "DynamoDBLocal-*.jar"))
	return err == nil && len(found) > 0
}

// repository finds the root of the work tree, above the folder of the test.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "infra", "dynamodb-local", "pom.xml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("dynamotest: infra/dynamodb-local/pom.xml is not above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}

// guard runs the server and ends it when its own standard input ends.
const guard = `"$@" </dev/null & server=$!; cat >/dev/null; kill -9 $server`

// held keeps the write end of the guard's standard input open for as long as this process lives.
var held []io.Closer

// try starts a server on a free port and waits until it answers.
func try(jars string) (endpoint string, started bool, err error) {
	port, err := freePort()
	if err != nil {
		return "", false, err
	}
	var output locked
	server := exec.Command("/bin/sh", "-c", guard, "guard", "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djava.library.path="+jars, "-cp", filepath.Join(jars, "*"), "software.amazon.dynamodb.services.local.main.ServerRunner",
		"-inMemory", "-disableTelemetry", "-port", strconv.Itoa(port))
	server.Stdout, server.Stderr = &output, &output
	stdin, err := server.StdinPipe()
	if err != nil {
		return "", false, err
	}
	if err := server.Start(); err != nil {
		return "", false, fmt.Errorf(advice, err, "")
	}
	endpoint = fmt.Sprintf("http://127.0.0.1:%d", port)
	if err := answers(endpoint); err != nil {
		return "", false, errors.Join(fmt.Errorf(advice, err, output.String()), stdin.Close(), server.Wait())
	}
	held = append(held, stdin)
	return endpoint, true, nil
}

// answers asks until the server speaks, for at most a minute on a loaded machine.
func answers(endpoint string) error {
	client, err := dynamo.NewClient(options(endpoint))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := client.ListTables(ctx, nil)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("no answer at %s: %w", endpoint, err)
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// locked is a buffer that a server writes and a failing start reads.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
