// Runs docker/accounts against a real Elasticsearch with security, and tries what trailcar's account may do.
package compose

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// start runs a node with the superuser admin:adminadmin until the test ends, and gives its address.
func start(t *testing.T) string {
	t.Helper()
	node := exec.Command(filepath.Join(root, "tests/servers/elasticsearch/run"), "--until-eof", "--security",
		"admin:adminadmin", "0", t.TempDir())
	alive, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	node.Stderr = &log
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		alive.Close()
		node.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if url, ready := strings.CutPrefix(lines.Text(), "READY "); ready {
			go io.Copy(io.Discard, output)
			return url
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("in CI nothing is skipped: %s", log.String())
	}
	t.Skipf("a real Elasticsearch: %s", log.String())
	return ""
}

// ask gives the status and the text of an answer.
func ask(t *testing.T, user, password, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, password)
	request.Header.Set("content-type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestAccountOfTrailcarMayCreateAndLookAndNoMore(t *testing.T) {
	url := start(t)
	secrets := t.TempDir()
	passwords := map[string]string{
		"elastic_password": "elastic-0123456789", "kibana_password": "kibana-0123456789", "trailcar_password": "trailcar-0123456789",
	}
	write := func(name, password string) {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(password), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, password := range passwords {
		write(name, password)
	}
	accounts := func() (string, error) {
		script := exec.Command(filepath.Join(root, "docker/accounts"))
		script.Env = append(os.Environ(), "ELASTICSEARCH_URL="+url, "SECRETS="+secrets, "ROLE="+filepath.Join(root, "docker/role.json"))
		output, err := script.CombinedOutput()
		for name, password := range passwords {
			if strings.Contains(string(output), password) {
				t.Errorf("%s is printed", name)
			}
		}
		return string(output), err
	}

	if output, err := accounts(); err == nil || !strings.Contains(output, "unable to authenticate user [elastic]") {
		t.Errorf("with a wrong password: %v %s", err, output)
	}
	elastic := passwords["elastic_password"]
	if status, text := ask(t, "admin", "adminadmin", "POST", url+"/_security/user/elastic/_password", `{"password":"`+elastic+`"}`); status != 200 {
		t.Fatal(text)
	}
	for range 2 {
		if output, err := accounts(); err != nil {
			t.Fatalf("%v %s", err, output)
		}
	}

	template := `{"index_patterns":["logs-cursor.audit-*"],"data_stream":{},"priority":250}`
	if status, text := ask(t, "elastic", elastic, "PUT", url+"/_index_template/cursor", template); status != 200 {
		t.Fatal(text)
	}
	event := `{"@timestamp":"2026-01-01T00:00:00Z"}`
	stream := url + "/logs-cursor.audit-default"
	for _, try := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", stream + "/_create/1", event, 201},
		{"PUT", stream + "/_create/1", event, 409},
		{"GET", stream + "/_search", "", 200},
		{"GET", url + "/logs-other-default/_search", "", 403},
		{"PUT", url + "/logs-other-default/_create/1", event, 403},
		{"POST", stream + "/_update/1", `{"doc":{"a":1}}`, 403},
		{"DELETE", stream + "/_doc/1", "", 403},
		{"POST", stream + "/_rollover", "", 403},
		{"PUT", url + "/_index_template/mine", template, 403},
		{"GET", url + "/_security/user", "", 403},
		{"GET", url + "/_cluster/health", "", 200},
	} {
		status, text := ask(t, "trailcar", passwords["trailcar_password"], try.method, try.path, try.body)
		if status != try.status {
			t.Errorf("%s %s: %d, want %d: %s", try.method, strings.TrimPrefix(try.path, url), status, try.status, text)
		}
	}
	if status, text := ask(t, "kibana_system", passwords["kibana_password"], "GET", url+"/_security/_authenticate", ""); status != 200 {
		t.Error(text)
	}

	write("kibana_password", `a"b`)
	if output, err := accounts(); err == nil || !strings.Contains(output, "kibana_password must have at least 16 characters") {
		t.Errorf("with a password that is no JSON: %v %s", err, output)
	}
}
