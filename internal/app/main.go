package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"elicense/internal/config"
)

// Exit codes, kept stable for scripts.
const (
	exitOK    = 0
	exitWrong = 1 // something was looked for and found wrong, or failed
	exitUsage = 2
)

// version is set by the build; go install leaves it to the build information.
const version = "0.1.0"

// errWrong says that a command ran and found something wrong; what it found is printed already.
var errWrong = errors.New("found wrong")

// usageError says that a command was called in a way that cannot work.
type usageError string

// Error is what to do instead.
func (e usageError) Error() string { return string(e) }

// cli is the command line.
type cli struct {
	Settings config.Config `embed:""`
	File     string        `name:"config" env:"ELICENSE_CONFIG" help:"Configuration file (YAML); flags and environment take precedence."`
	JSON     bool          `name:"json" help:"Print for machines, where the command can."`
	Verbose  bool          `help:"Log more."`

	Serve   serveCommand   `cmd:"" help:"Serve both portals."`
	Demo    demoCommand    `cmd:"" help:"Serve a demonstration with made-up people, keys and neighbours."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this program's version."`
	Import  importCommand  `cmd:"" help:"Import a directory or a register of paper licences from CSV."`
	Conf    struct {
		Check configCheckCommand `cmd:"" help:"Check the configuration without starting anything."`
	} `cmd:"" name:"config" help:"The configuration."`
	Service struct {
		Check  serviceCheckCommand  `cmd:"" help:"Check the text of services."`
		Test   serviceTestCommand   `cmd:"" help:"Replay the cases beside services."`
		Schema serviceSchemaCommand `cmd:"" help:"Print the JSON Schema of service.yaml, for editors."`

		Diff      serviceDiffCommand      `cmd:"" help:"Tell what a service's folder changes."`
		Publish   servicePublishCommand   `cmd:"" help:"Propose a service's folder for publication; another person approves it at the office."`
		Proposals serviceProposalsCommand `cmd:"" help:"List what is proposed."`
		Impact    serviceImpactCommand    `cmd:"" help:"Tell what a change would alter among today's applications."`
	} `cmd:"" help:"Definitions of services."`
	Numbering struct {
		Import numberingImportCommand `cmd:"" help:"Put blocks of numbers under their codes from CSV."`
	} `cmd:"" help:"The numbering resource."`
	Permit permitCommand `cmd:"" help:"Tell what held of a permit on a day, as it was known on another."`
	Verify verifyCommand `cmd:"" help:"Find out whether a PDF is a permit of this system."`
	EDS    struct {
		Verify edsVerifyCommand `cmd:"" help:"Verify a CMS signature and print what was found as JSON."`
		Cert   edsCertCommand   `cmd:"" help:"Tell what a certificate says."`
		Chain  edsChainCommand  `cmd:"" help:"Follow certificates to their anchors by key identifier and signature."`
	} `cmd:"" name:"eds" help:"Digital signatures."`
	CA struct {
		Make   caMakeCommand   `cmd:"" help:"Make a demonstration authority in a folder."`
		Issue  caIssueCommand  `cmd:"" help:"Issue a key with its certificate."`
		Revoke caRevokeCommand `cmd:"" help:"Revoke certificates and write the revocation lists."`
		List   caListCommand   `cmd:"" help:"Write the revocation lists."`
	} `cmd:"" name:"ca" help:"A certification authority for demonstrations and tests: no production configuration trusts it."`
	User struct {
		Add     userAddCommand     `cmd:"" help:"Make an official's account; prints its first password once."`
		List    userListCommand    `cmd:"" help:"List the officials."`
		Block   userBlockCommand   `cmd:"" help:"Take an official's access away at once."`
		Unblock userUnblockCommand `cmd:"" help:"Give a blocked official's access back."`
	} `cmd:"" name:"user" help:"Officials of the state bodies."`
	Audit struct {
		Verify auditVerifyCommand `cmd:"" help:"Check every audit row, hash and checkpoint; names the place of every change."`
		Show   auditShowCommand   `cmd:"" help:"Tell what happened to an application or another object."`
		Prove  auditProveCommand  `cmd:"" help:"Print a row with the proof that it stands in the signed log."`
		Key    auditKeyCommand    `cmd:"" help:"Print the public key of the checkpoints."`
	} `cmd:"" help:"The log of who did what."`
	Statistics struct {
		Recount recountCommand `cmd:"" help:"Count every event again and mend the public figures where they are wrong."`
	} `cmd:"" help:"The public figures."`
	Decisions struct {
		Replay decisionsReplayCommand `cmd:"" help:"Decide automatic decisions again from what is stored, and tell what differs."`
	} `cmd:"" help:"Automatic decisions."`
	Fsck    fsckCommand    `cmd:"" help:"Check what is stored against the system's promises."`
	Doctor  doctorCommand  `cmd:"" help:"Look for what is wrong with the installation, and say the remedy."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// run is what every command gets.
type run struct {
	ctx    context.Context
	cfg    config.Config
	json   bool
	out    io.Writer
	errOut io.Writer
	log    *slog.Logger
}

// print writes v as JSON, or the text.
func (r *run) print(v any, text string) {
	if r.json {
		enc := json.NewEncoder(r.out)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(v) // the reader went away
		return
	}
	fmt.Fprintln(r.out, text)
}

// Main runs the program and gives its exit code; the tests and the binary share it.
func Main(args []string, out, errOut io.Writer) int {
	var c cli
	code := -1
	parser, err := kong.New(&c, kong.Name("elicense"), kong.Description("Licences and permits of a state: apply, decide, issue, verify."),
		kong.Writers(out, errOut), kong.Exit(func(n int) { code = n }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitWrong
	}
	fromFile, err := fileOf(args)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitWrong
	}
	if err := kong.Resolvers(fromFile).Apply(parser); err != nil {
		fmt.Fprintln(errOut, err)
		return exitWrong
	}
	parsed, err := parser.Parse(args)
	if code >= 0 {
		return code
	}
	if err != nil {
		fmt.Fprintf(errOut, "elicense: %v\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	r := &run{ctx: ctx, cfg: c.Settings.Complete(), json: c.JSON, out: out, errOut: errOut,
		log: slog.New(slog.NewJSONHandler(errOut, &slog.HandlerOptions{Level: level}))}
	switch err := parsed.Run(r); {
	case err == nil:
		return exitOK
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.As(err, new(usageError)):
		fmt.Fprintf(errOut, "elicense: %v\n", err)
		return exitUsage
	default:
		fmt.Fprintf(errOut, "elicense: %v\n", err)
		return exitWrong
	}
}

// fileOf reads the configuration file that the arguments name, if any, before they are parsed: its values stand below
// the environment and the flags.
func fileOf(args []string) (kong.Resolver, error) {
	name := ""
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			name = v
		} else if a == "--config" && i+1 < len(args) {
			name = args[i+1]
		}
	}
	if name == "" {
		name = envConfig()
	}
	values := map[string]any{}
	if name != "" {
		var err error
		if values, err = config.Read(name); err != nil {
			return nil, err
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if flag.Tag.Cmd {
			return nil, nil
		}
		for _, env := range flag.Envs {
			if envSet(env) {
				return nil, nil // the environment stands above the file
			}
		}
		return values[flag.Name], nil
	}), nil
}

type versionCommand struct{}

// Run prints the version, the toolchain and the revision of the source.
func (versionCommand) Run(r *run) error {
	info := map[string]string{"version": version}
	if b, ok := debug.ReadBuildInfo(); ok {
		info["go"] = b.GoVersion
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				info["revision"] = s.Value
			}
		}
	}
	r.print(info, "elicense "+info["version"]+" "+info["go"]+" "+info["revision"])
	return nil
}
