package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

// dockerfile holds the arguments of each instruction of the Dockerfile's stages, the last one's under "run".
func dockerfile(t *testing.T) map[string]map[string][]string {
	t.Helper()
	file, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(string(file), "")
	text = strings.ReplaceAll(text, "\\\n", " ")
	stages, stage := map[string]map[string][]string{}, "run"
	for line := range strings.Lines(text) {
		name, args, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		if name == "FROM" {
			_, as, named := strings.Cut(args, " AS ")
			if stage = "run"; named {
				stage = as
			}
			stages[stage] = map[string][]string{}
		}
		stages[stage][name] = append(stages[stage][name], strings.TrimSpace(args))
	}
	return stages
}

// The image needs no engine to be held to the program: its Go, port, folder, user and commands.
func TestTheImageIsOfThisProgram(t *testing.T) {
	t.Parallel()

	stages := dockerfile(t)
	builder, run := stages["build"], stages["run"]
	module, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	require.NotNil(t, version)
	require.Equal(t, []string{"docker.io/library/golang:" + string(version[1]) + " AS build"}, builder["FROM"])
	require.Contains(t, strings.Join(builder["RUN"], "\n"), "-X main.commit=${COMMIT}")

	defaults := config.Defaults()
	require.Equal(t, []string{strings.TrimPrefix(defaults.HTTP.Addr, ":")}, run["EXPOSE"])
	require.Equal(t, []string{"65532:65532"}, run["USER"], "by number, as Kubernetes needs it")
	require.Equal(t, []string{"SIGTERM"}, run["STOPSIGNAL"])
	require.Equal(t, []string{"/data"}, run["VOLUME"])
	require.Equal(t, []string{"DATA_DIR=/data"}, run["ENV"])
	require.Equal(t, []string{"--from=build /out/conserje /conserje", "--from=build --chown=65532:65532 /out/tree/ /"}, run["COPY"])
	require.Contains(t, strings.Join(builder["RUN"], "\n"), "mkdir -p -m 0700 /out/tree/data")

	list := func(s string) (words []string) {
		require.NoError(t, json.Unmarshal([]byte(s), &words), s)
		return words
	}
	require.Len(t, run["HEALTHCHECK"], 1)
	_, check, found := strings.Cut(run["HEALTHCHECK"][0], "CMD ")
	require.True(t, found)
	require.Equal(t, []string{"/conserje"}, list(run["ENTRYPOINT"][0]))
	require.Equal(t, "/conserje", list(check)[0], "there is no other program in it")
	for _, args := range [][]string{list(run["CMD"][0]), list(check)[1:]} {
		help := try(t, build(t), "", nil, append(args, "--help")...)
		require.Zero(t, help.code, help.err)
		require.Contains(t, help.out, "conserje "+args[0])
	}
}

// What is secret or kept never reaches a builder, and all that the binary is made of does.
func TestTheImageIsBuiltFromTheSourcesOnly(t *testing.T) {
	t.Parallel()

	file, err := os.ReadFile("../../.dockerignore")
	require.NoError(t, err)
	var patterns []string
	for line := range strings.Lines(string(file)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, line)
		}
	}
	ignored := func(name string) bool {
		for _, p := range patterns { // each is one name at the root
			match, err := path.Match(p, name)
			require.NoError(t, err)
			if match {
				return true
			}
		}
		return false
	}
	for _, name := range []string{".git", ".env", ".env.production", "data", "bin"} {
		require.True(t, ignored(name), name)
	}
	require.False(t, ignored("go.mod") || ignored("go.sum"))
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}}{{end}}{{end}}", ".")
	out, err := cmd.Output()
	require.NoError(t, err)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	folders := strings.Fields(string(out))
	require.Greater(t, len(folders), 10)
	for _, dir := range folders {
		rel, err := filepath.Rel(root, dir)
		require.NoError(t, err)
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		require.False(t, ignored(top), rel)
	}
}

// `make image` takes the first engine that answers, and says so when none does.
func TestMakeImageTakesTheEngineThatIsThere(t *testing.T) {
	t.Parallel()

	script, err := filepath.Abs("../../scripts/image.sh")
	require.NoError(t, err)
	bash, err := exec.LookPath("bash")
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		engines map[string]string // what each says of itself: its exit code
		env     []string
		code    int
		want    string
	}{
		"none":            {nil, nil, 1, "none answers here"},
		"no daemon":       {map[string]string{"docker": "1"}, nil, 1, "none answers here"},
		"docker":          {map[string]string{"docker": "0", "buildah": "0"}, nil, 0, `docker build --build-arg COMMIT=\S+ -t conserje:dev \.`},
		"podman instead":  {map[string]string{"docker": "1", "podman": "0", "buildah": "0"}, nil, 0, `podman build --build-arg COMMIT=\S+ -t conserje:dev --format docker --layers \.`},
		"chosen":          {map[string]string{"docker": "0", "buildah": "0"}, []string{"ENGINE=buildah"}, 0, `buildah build .* --format docker`},
		"a proxy":         {map[string]string{"docker": "0"}, []string{"GOPROXY=https://go.example.com"}, 0, `--build-arg GOPROXY=https://go.example.com \.`},
		"no such builder": {nil, []string{"ENGINE=kaniko"}, 2, "write docker, podman or buildah"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, tool := range []string{"dirname", "git", "head"} {
				at, err := exec.LookPath(tool)
				require.NoError(t, err)
				require.NoError(t, os.Symlink(at, filepath.Join(dir, tool)))
			}
			for engine, code := range tt.engines { // says what it was asked to do
				body := "#!" + bash + "\n[ \"$1\" != info ] || exit " + code + "\necho " + engine + " \"$@\"\n"
				require.NoError(t, os.WriteFile(filepath.Join(dir, engine), []byte(body), 0o755))
			}
			cmd := exec.CommandContext(t.Context(), bash, script)
			cmd.Env = append([]string{"PATH=" + dir, "HOME=" + dir}, tt.env...)
			out, err := cmd.CombinedOutput()
			require.Equal(t, tt.code, cmd.ProcessState.ExitCode(), "%v: %s", err, out)
			require.Regexp(t, tt.want, string(out))
		})
	}
}
