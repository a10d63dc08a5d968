// Checks docker-compose.yml and the Dockerfile with the libraries that Docker itself reads them with, since most
// machines that run the tests have no Docker engine.
package compose

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

const root = "../.."

// The user that distroless images call nonroot.
const user = "65532:65532"

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// settings gives the variables of .env.example.
func settings(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(read(t, ".env.example")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func load(t *testing.T, env []string, profiles ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithEnv(env), cli.WithProfiles(profiles), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, settings(t), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestServices(t *testing.T) {
	all := project(t).ServiceNames()
	slices.Sort(all)
	if want := []string{"accounts", "demo", "elasticsearch", "kibana", "setup", "trailcar"}; !slices.Equal(all, want) {
		t.Errorf("services are %v, want %v", all, want)
	}
	without, err := load(t, settings(t))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(without.ServiceNames(), "demo") {
		t.Error("sample events come without the profile demo")
	}
}

func TestMissingSettingsAreNamed(t *testing.T) {
	if _, err := load(t, nil); err == nil || !strings.Contains(err.Error(), "copy .env.example to .env") {
		t.Errorf("without .env: %v", err)
	}
}

func TestSettingsAreThoseOfTheExample(t *testing.T) {
	used := map[string]bool{}
	for _, match := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(read(t, "docker-compose.yml"), -1) {
		used[match[1]] = true
	}
	for _, line := range settings(t) {
		name, _, _ := strings.Cut(line, "=")
		if !used[name] {
			t.Errorf(".env.example: docker-compose.yml does not use %s", name)
		}
		delete(used, name)
	}
	for name := range used {
		t.Errorf(".env.example does not tell of %s", name)
	}
}

func TestServicesAreHardened(t *testing.T) {
	for name, service := range project(t).Services {
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") || !slices.Contains(service.CapDrop, "ALL") {
			t.Errorf("%s can gain privileges", name)
		}
		if service.Privileged || len(service.CapAdd) > 0 || service.NetworkMode == "host" || service.Pid != "" {
			t.Errorf("%s has more than it needs", name)
		}
		if strings.HasSuffix(service.Image, ":latest") || !strings.Contains(service.Image, ":") {
			t.Errorf("%s: %s names no version", name, service.Image)
		}
		if strings.HasPrefix(service.Image, "trailcar:") && (!service.ReadOnly || service.User != user) {
			t.Errorf("%s: its files can be written, or its user is %q", name, service.User)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %d can be reached from elsewhere", name, port.Target)
			}
		}
		for variable, value := range service.Environment {
			if strings.Contains(variable, "PASSWORD") && (value == nil || !strings.HasPrefix(*value, "/run/secrets/")) {
				t.Errorf("%s: %s is no file", name, variable)
			}
		}
	}
}

func TestSecretsAreFilesThatTheScriptMakes(t *testing.T) {
	project := project(t)
	script, ignored := read(t, "docker/make-secrets"), read(t, ".gitignore")
	for name, secret := range project.Secrets {
		if filepath.Base(filepath.Dir(secret.File)) != "secrets" || !strings.Contains(script, name) {
			t.Errorf("%s: docker/make-secrets does not make %q", name, secret.File)
		}
	}
	if !strings.Contains(ignored, "/secrets\n") || !strings.Contains(ignored, "/.env\n") {
		t.Error(".gitignore lets secrets in")
	}
	// A secret that a configuration or a service names is one that the service gets.
	file := regexp.MustCompile(`/run/secrets/(\w+)`)
	for name, service := range project.Services {
		var granted []string
		for _, secret := range service.Secrets {
			granted = append(granted, secret.Source)
		}
		text := strings.Join(service.Command, " ")
		for _, value := range service.Environment {
			text += " " + *value
		}
		for _, match := range file.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(granted, match[1]) {
				t.Errorf("%s reads %s, which it does not get", name, match[0])
			}
		}
	}
}

func TestOrderOfStart(t *testing.T) {
	project := project(t)
	wants := map[string]map[string]string{
		"elasticsearch": {},
		"accounts":      {"elasticsearch": types.ServiceConditionHealthy},
		"kibana":        {"elasticsearch": types.ServiceConditionHealthy, "accounts": types.ServiceConditionCompletedSuccessfully},
		"setup":         {"kibana": types.ServiceConditionHealthy},
		"trailcar":      {"setup": types.ServiceConditionCompletedSuccessfully},
		"demo":          {"setup": types.ServiceConditionCompletedSuccessfully},
	}
	once := []string{"accounts", "setup", "demo"}
	for name, service := range project.Services {
		for dependency, condition := range wants[name] {
			if service.DependsOn[dependency].Condition != condition {
				t.Errorf("%s does not wait for %s (%s)", name, dependency, condition)
			}
			if condition == types.ServiceConditionHealthy && project.Services[dependency].HealthCheck == nil {
				t.Errorf("%s has no health check", dependency)
			}
		}
		if runsOnce := slices.Contains(once, name); runsOnce == (service.HealthCheck != nil) || runsOnce == (service.Restart != "") {
			t.Errorf("%s: what runs once has no health check and no restart; what stays has both", name)
		}
	}
}

func TestFilesThatAreMountedExist(t *testing.T) {
	for name, config := range project(t).Configs {
		if _, err := os.Stat(config.File); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// makeSecrets runs the script in a folder of its own, twice, and gives the folder.
func makeSecrets(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	script := filepath.Join(folder, "docker/make-secrets")
	if err := os.Mkdir(filepath.Dir(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte(read(t, "docker/make-secrets")), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"secrets/elastic_password\nsecrets/kibana_password\nsecrets/trailcar_password\n", ""} {
		if output, err := exec.Command(script).CombinedOutput(); err != nil || string(output) != says {
			t.Fatalf("docker/make-secrets: %v %s", err, output)
		}
	}
	return folder
}

func TestVolumesAreDeclaredAndConfigurationFits(t *testing.T) {
	project := project(t)
	configuration, made := read(t, "docker/trailcar.yml"), makeSecrets(t)
	for name, service := range project.Services {
		mounted := map[string]bool{}
		for _, volume := range service.Volumes {
			mounted[volume.Target] = true
			if volume.Type == types.VolumeTypeVolume {
				if _, declared := project.Volumes[volume.Source]; !declared {
					t.Errorf("%s: the volume %s is not declared", name, volume.Source)
				}
				continue
			}
			if !volume.ReadOnly {
				t.Errorf("%s can write to %s", name, volume.Source)
			}
			if _, err := os.Stat(filepath.Join(made, filepath.Base(volume.Source))); err != nil {
				t.Errorf("docker/make-secrets does not make %s, so Docker makes it for root alone: %v", volume.Source, err)
			}
		}
		if !strings.HasPrefix(service.Image, "trailcar:") {
			continue
		}
		if name != "setup" && !mounted["/var/lib/trailcar"] {
			t.Errorf("%s keeps nothing: data_dir is on no volume", name)
		}
		for _, match := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(configuration, -1) {
			if service.Environment[match[1]] == nil {
				t.Errorf("%s does not set %s, which docker/trailcar.yml needs", name, match[1])
			}
		}
	}
}

// stages parses the Dockerfile.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(read(t, "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

func TestImageIsSmallAndWithoutRights(t *testing.T) {
	stages := stages(t)
	last := stages[len(stages)-1]
	if !strings.HasPrefix(last.BaseName, "gcr.io/distroless/") {
		t.Errorf("the image is based on %s", last.BaseName)
	}
	var runs, entry string
	var copied []string
	for _, command := range last.Commands {
		switch command := command.(type) {
		case *instructions.UserCommand:
			runs = command.User
		case *instructions.EntrypointCommand:
			entry = command.CmdLine[0]
		case *instructions.CopyCommand:
			copied = append(copied, command.DestPath)
		case *instructions.RunCommand:
			t.Error("the image has no shell that could run anything")
		}
	}
	if runs != user {
		t.Errorf("the image runs as %q", runs)
	}
	if !slices.Contains(copied, entry) {
		t.Errorf("the entry point %s is not copied into the image", entry)
	}
	for name, service := range project(t).Services {
		for _, word := range service.Command {
			if strings.HasPrefix(word, "/usr/share/trailcar/") && !slices.Contains(copied, word) {
				t.Errorf("%s: %s is not in the image", name, word)
			}
		}
	}
}

func TestCompilerIsThatOfTheProject(t *testing.T) {
	channel := regexp.MustCompile(`channel = "(.+)"`).FindStringSubmatch(read(t, "rust-toolchain.toml"))[1]
	dockerfile := read(t, "Dockerfile")
	for _, want := range []string{"FROM rust:" + channel + "-", "RUSTUP_TOOLCHAIN=" + channel + " "} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the Dockerfile does not say %q", want)
		}
	}
}

func TestBuildContextHasWhatIsCopiedAndNoSecrets(t *testing.T) {
	patterns, err := ignorefile.ReadAll(bytes.NewReader([]byte(read(t, ".dockerignore"))))
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	ignored := func(path string) bool {
		t.Helper()
		matches, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		return matches
	}
	for _, stage := range stages(t) {
		for _, command := range stage.Commands {
			copy, isCopy := command.(*instructions.CopyCommand)
			if !isCopy || copy.From != "" {
				continue
			}
			for _, source := range copy.SourcePaths {
				if source == "." {
					continue
				}
				if _, err := os.Stat(filepath.Join(root, source)); err != nil {
					t.Error(err)
				}
				if ignored(source) {
					t.Errorf("%s is copied, but .dockerignore leaves it out", source)
				}
			}
		}
	}
	for _, path := range []string{"Cargo.toml", "Cargo.lock", "crates/trailcar/src/main.rs", "pipelines/cursor.audit/default.yml",
		"mappings/index_templates/x.json", "dashboards/cursor-audit.ndjson", "geoip-samples/GeoLite2-ASN.mmdb"} {
		if ignored(path) {
			t.Errorf("the build needs %s", path)
		}
	}
	for _, path := range []string{".env", "secrets/elastic_password", ".git/config", "target/debug/trailcar", "data/ledger.db"} {
		if !ignored(path) {
			t.Errorf("%s gets into the build", path)
		}
	}
}
