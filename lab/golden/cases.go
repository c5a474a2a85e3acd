package main

import (
	"net"
	"os"
	"strings"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/llbbuild"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// stateCase is an operation that BuildKit's client library writes.
type stateCase struct {
	name  string
	state llb.State
}

// wireCase is an operation written out field by field.
type wireCase struct {
	name string
	op   *pb.Op
}

const (
	baseDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	blobDigest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	commit     = "3333333333333333333333333333333333333333"
)

func base() llb.State {
	return llb.Image("docker.io/library/golang:1.26@"+baseDigest, llb.LinuxAmd64)
}

func source() llb.State {
	return llb.Local("context", llb.SessionID("s1"), llb.SharedKeyHint("context"))
}

func states() []stateCase {
	var all []stateCase
	all = append(all, sources()...)
	all = append(all, execs()...)
	all = append(all, mounts()...)
	all = append(all, files()...)
	return append(all, graphs()...)
}

func sources() []stateCase {
	armv7 := llb.Platform(ocispecs.Platform{OS: "linux", Architecture: "arm", Variant: "v7"})
	ssh := "git@git.example:team/app.git"
	return []stateCase{
		{"image", base()},
		{"image-tag", llb.Image("docker.io/library/debian:bookworm-slim", llb.LinuxAmd64)},
		{"image-variant", llb.Image("registry.example:5000/team/app@"+baseDigest, armv7)},
		{"image-pull", llb.Image("docker.io/library/alpine:latest", llb.LinuxArm64, llb.ResolveModeForcePull)},
		{"image-local-limited", llb.Image("docker.io/library/alpine:latest", llb.LinuxAmd64,
			llb.ResolveModePreferLocal, llb.WithLayerLimit(2))},
		{"oci-layout", llb.OCILayout("docker.io/library/app@"+baseDigest, llb.OCIStore("s1", "store"), llb.LinuxAmd64)},
		{"blob", llb.ImageBlob("docker.io/library/app@"+blobDigest, llb.Filename("a.tar"), llb.Chmod(0o644))},
		{"local", source()},
		{"local-patterns", llb.Local("context", llb.SessionID("s1"),
			llb.IncludePatterns([]string{"cmd", "a<b>&c", `quote"d`, "ü\u2028"}),
			llb.ExcludePatterns([]string{".git", "**/*.md"}),
			llb.SharedKeyHint("context"))},
		{"local-definition", llb.Local("dockerfile", llb.SessionID("s1"),
			llb.FollowPaths([]string{"image.yaml", "image.yaml.dockerignore"}),
			llb.SharedKeyHint("dockerfile"), llb.Differ(llb.DiffNone, true))},
		{"local-metadata", llb.Local("context", llb.SessionID("s1"), llb.MetadataOnlyTransfer([]string{"go.mod"}))},
		{"http", llb.HTTP("https://example.com/a/b.tar.gz")},
		{"http-checked", llb.HTTP("https://example.com/a/b.tar.gz", llb.Checksum(digest.Digest(blobDigest)),
			llb.Filename("b.tgz"), llb.Chmod(0o755), llb.Chown(65532, 0), llb.AuthHeaderSecret("token"))},
		{"git", llb.Git("https://git.example/team/app.git", "v1.2:sub/dir", llb.GitChecksum(commit))},
		{"git-default", llb.Git("https://user@git.example:8443/team//app", "")},
		{"git-ssh", llb.Git(ssh, "main", llb.KnownSSHHosts("git.example ssh-ed25519 AAAA"), llb.KeepGitDir(),
			llb.GitSkipSubmodules(), llb.GitMTimeCommit())},
		{"git-ssh-url", llb.Git("ssh://git@git.example/team/app.git", ":docs", llb.KnownSSHHosts("h k v"))},
	}
}

func run(ro ...llb.RunOption) llb.State {
	return base().Run(ro...).Root()
}

func execs() []stateCase {
	args := llb.Args([]string{"go", "build", "./..."})
	state := base().Dir("/src").AddEnv("PATH", "/bin").AddEnv("A", "1").AddEnv("B", "").AddEnv("A", "2").
		User("65532:65532").Hostname("builder").WithCgroupParent("parent")
	return []stateCase{
		{"exec", run(args)},
		{"exec-meta", state.Run(args,
			llb.AddExtraHost("db.example", net.ParseIP("10.0.0.7")), llb.AddExtraHost("v6.example", net.ParseIP("2001:db8::1")),
			llb.AddUlimit(llb.UlimitNofile, 1024, 2048), llb.AddUlimit(llb.UlimitCore, -1, -1),
			llb.ValidExitCodes(0, 3, 200),
			llb.AddCDIDevice(llb.CDIDeviceName("vendor.example/gpu=0")),
			llb.AddCDIDevice(llb.CDIDeviceName("vendor.example/gpu=1"), llb.CDIDeviceOptional),
		).Root()},
		{"exec-proxy", run(args, llb.WithProxy(llb.ProxyEnv{HTTPProxy: "http://p:1", HTTPSProxy: "http://p:2",
			FTPProxy: "http://p:3", NoProxy: "localhost", AllProxy: "http://p:4"}))},
		{"exec-offline", base().Network(llb.NetModeNone).Run(args).Root()},
		{"exec-host-insecure", base().Network(llb.NetModeHost).Security(llb.SecurityModeInsecure).Run(args).Root()},
		{"exec-scratch", llb.Scratch().Platform(ocispecs.Platform{OS: "linux", Architecture: "arm64"}).Run(args).Root()},
	}
}

func mounts() []stateCase {
	args := llb.Args([]string{"make"})
	out := base().Run(args, llb.ReadonlyRootFS(), llb.AddMount("/src", source(), llb.Readonly),
		llb.AddMount("/out", llb.Scratch()), llb.AddMount("/b/out", source()))
	target := "/run/secrets/key"
	return []stateCase{
		{"mount-output", out.GetMount("/out")},
		{"mount-first-output", out.GetMount("/b/out")},
		{"mount-selector", run(args, llb.AddMount("/z", source(), llb.Readonly, llb.SourcePath("/go.mod"),
			llb.ContentCache(llb.MountContentCacheOff)),
			llb.AddMount("/a", base(), llb.ForceNoOutput, llb.ContentCache(llb.MountContentCacheOn)))},
		{"mount-caches", run(args,
			llb.AddMount("/c/locked", llb.Scratch(), llb.AsPersistentCacheDir("p/go", llb.CacheMountLocked)),
			llb.AddMount("/c/private", llb.Scratch(), llb.AsPersistentCacheDir("p/npm", llb.CacheMountPrivate)),
			llb.AddMount("/c/filled", source(), llb.AsPersistentCacheDir("p/x", llb.CacheMountShared), llb.SourcePath("/cache")))},
		{"mount-tmpfs", run(args, llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()),
			llb.AddMount("/dev/shm", llb.Scratch(), llb.Tmpfs(llb.TmpfsSize(64<<20))))},
		{"mount-secrets", run(args,
			llb.AddSecret("/run/secrets/token", llb.SecretID("token")),
			llb.AddSecretWithDest("key", &target, llb.SecretFileOpt(65532, 65533, 0o440), llb.SecretOptional),
			llb.AddSecretWithDest("npm", nil, llb.SecretAsEnvName("NPM_TOKEN")),
			llb.AddSecretWithDest("pip", nil, llb.SecretAsEnvName("PIP_TOKEN"), llb.SecretOptional),
			llb.AddMount("/z", source(), llb.Readonly))},
		{"mount-ssh", run(args, llb.AddSSHSocket(llb.SSHID("default")),
			llb.AddSSHSocket(llb.SSHID("other"), llb.SSHSocketOpt("/run/other", 1, 2, 0o660), llb.SSHOptional))},
	}
}

func files() []stateCase {
	at := llb.WithCreatedTime(time.Unix(1767225600, 5))
	owner := llb.WithUIDGID(65532, 65532)
	full := &llb.CopyInfo{
		Mode: &llb.ChmodOpt{Mode: os.FileMode(0o755)}, FollowSymlinks: true, CopyDirContentsOnly: true,
		IncludePatterns: []string{"*.go", "go.*"}, ExcludePatterns: []string{"*_test.go"}, RequiredPaths: []string{"go.mod"},
		AttemptUnpack: true, CreateDestPath: true, AllowWildcard: true, AllowEmptyWildcard: true,
		ChownOpt: &llb.ChownOpt{User: &llb.UserOpt{UID: 65532}, Group: &llb.UserOpt{UID: 0}}, AlwaysReplaceExistingDestPaths: true,
	}
	symbolic := &llb.CopyInfo{Mode: &llb.ChmodOpt{ModeStr: "u=rwX,go=rX"}}
	return []stateCase{
		{"file-mkdir", llb.Scratch().File(llb.Mkdir("/app", 0o755))},
		{"file-mkdir-full", base().File(llb.Mkdir("/a/b", 0o700, llb.WithParents(true), owner, at))},
		{"file-mkfile", llb.Scratch().File(llb.Mkfile("/empty", 0o644, nil))},
		{"file-mkfile-full", base().File(llb.Mkfile("/etc/x", 0o600, []byte("hello\n\x00\xff"), owner, at))},
		{"file-mkfile-large", llb.Scratch().File(llb.Mkfile("/large", 0o755, []byte(strings.Repeat("0123456789abcdef", 1024))))},
		{"file-symlink", base().File(llb.Symlink("../lib", "/lib64", owner, at))},
		{"file-remove", base().File(llb.Rm("/var/cache"))},
		{"file-remove-wildcard", base().File(llb.Rm("/var/cache/*", llb.WithAllowNotFound(true), llb.WithAllowWildcard(true)))},
		{"file-copy", llb.Scratch().File(llb.Copy(source(), "/a", "/b/"))},
		{"file-copy-full", base().File(llb.Copy(source(), "/", "/src", full, at))},
		{"file-copy-symbolic", base().File(llb.Copy(source(), "/a", "/b", symbolic))},
		{"file-copy-same", base().File(llb.Copy(base(), "/a", "/b"))},
		{"file-chain", base().File(llb.Mkdir("/x", 0o755).Copy(source(), "/a", "/x/a").
			Symlink("a", "/x/b").Copy(llb.Scratch(), "/", "/y").Copy(source(), "/c", "/x/c").Mkfile("/x/d", 0o644, []byte("d")).Rm("/x/a"))},
	}
}

func graphs() []stateCase {
	app := run(llb.Args([]string{"build"}))
	config := llb.Scratch().File(llb.Mkdir("/etc", 0o755))
	exec := base().Run(llb.Args([]string{"two"}), llb.AddMount("/out", llb.Scratch()))
	passthrough := llb.NewPassthroughOp("checked", []llb.PassthroughInput{
		{State: base(), Output: true}, {State: config, Output: true}, {State: app},
	}, llb.LinuxAmd64)
	return []stateCase{
		{"merge", llb.Merge([]llb.State{base(), llb.Scratch(), config, base()})},
		{"diff", llb.Diff(base(), app)},
		{"diff-upper-scratch", llb.Diff(base(), llb.Scratch())},
		{"merge-diff", llb.Merge([]llb.State{config, llb.Diff(base(), app), exec.GetMount("/out")})},
		{"copy-second-output", llb.Scratch().File(llb.Copy(exec.GetMount("/out"), "/", "/").Copy(exec.Root(), "/x", "/x"))},
		{"passthrough", llb.NewState(passthrough.OutputAt(1))},
		{"build", config.With(llbbuild.Build(llbbuild.WithFilename("/llb.bin")))},
		{"build-default", config.With(llbbuild.Build())},
		{"diamond", llb.Merge([]llb.State{
			app.File(llb.Copy(config, "/etc", "/1")), app.File(llb.Copy(config, "/etc", "/2")), llb.Diff(base(), app),
		})},
	}
}

// wires are written by hand: an empty root. Helper is the digest of the
// operation that is mounted.
func wires(helper string) []wireCase {
	exec := &pb.ExecOp{
		Meta: &pb.Meta{Args: []string{"/h/helper", "check"}, Cwd: "/", RemoveMountStubsRecursive: true},
		Mounts: []*pb.Mount{
			{Input: -1, Dest: "/", Output: 0},
			{Input: 0, Dest: "/h", Output: -1, Readonly: true},
			{Input: -1, Dest: "/out", Output: 1},
		},
		Network: pb.NetMode_NONE,
	}
	return []wireCase{{"exec-empty-root", &pb.Op{
		Inputs:      []*pb.Input{{Digest: helper, Index: 0}},
		Platform:    &pb.Platform{Architecture: "amd64", OS: "linux"},
		Constraints: &pb.WorkerConstraints{},
		Op:          &pb.Op_Exec{Exec: exec},
	}}}
}
