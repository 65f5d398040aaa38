// Package config is what an installation sets: addresses, database, trust, payment. The order of precedence is defaults,
// file, environment (ELICENSE_…), flags. An unknown key is an error.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Config is one installation.
type Config struct {
	Listen          string `yaml:"listen" name:"listen" env:"ELICENSE_LISTEN" default:"127.0.0.1:8080" help:"Address of the external portal."`
	OfficeListen    string `yaml:"office-listen" name:"office-listen" env:"ELICENSE_OFFICE_LISTEN" default:"127.0.0.1:8081" help:"Address of the internal portal."`
	OfficeOrigin    string `yaml:"office-origin" name:"office-origin" env:"ELICENSE_OFFICE_ORIGIN" default:"" help:"Address of the internal portal as officials' browsers reach it, e.g. https://office.elicense.example; empty: from --office-listen."`
	SignerListen    string `yaml:"signer-listen" name:"signer-listen" env:"ELICENSE_SIGNER_LISTEN" default:"" help:"Address of the page that signs with a key file; empty: that way of signing is not offered."`
	SignerOrigin    string `yaml:"signer-origin" name:"signer-origin" env:"ELICENSE_SIGNER_ORIGIN" default:"" help:"Public address of that page, on a host of its own, e.g. https://sign.elicense.example; empty: from --signer-listen."`
	Data            string `yaml:"data" name:"data" env:"ELICENSE_DATA" default:"data" help:"Folder for files and, with SQLite, the database."`
	Database        string `yaml:"database" name:"database" env:"ELICENSE_DATABASE" default:"" help:"postgres://… ; empty: SQLite in the data folder."`
	Origin          string `yaml:"origin" name:"origin" env:"ELICENSE_ORIGIN" default:"" help:"Public address of the external portal, e.g. https://elicense.example; empty: from --listen."`
	Environment     string `yaml:"environment" name:"environment" env:"ELICENSE_ENVIRONMENT" default:"production" help:"Bound into every signature: production, test or demo."`
	Agent           string `yaml:"agent" name:"agent" env:"ELICENSE_AGENT" default:"wss://127.0.0.1:13579/" help:"WebSocket address of NCALayer on the visitor's machine."`
	Anchors         string `yaml:"anchors" name:"anchors" env:"ELICENSE_ANCHORS" default:"" help:"Folder with the root certificates that signatures are trusted under."`
	Authorities     string `yaml:"authorities" name:"authorities" env:"ELICENSE_AUTHORITIES" default:"" help:"Folder with the issuing authorities' certificates."`
	Lists           string `yaml:"revocation-lists" name:"revocation-lists" env:"ELICENSE_REVOCATION_LISTS" default:"" help:"Addresses or files of revocation lists and delta lists, comma-separated."`
	OCSP            string `yaml:"ocsp" name:"ocsp" env:"ELICENSE_OCSP" default:"" help:"Addresses of OCSP responders, comma-separated; empty: revocation lists alone."`
	TSA             string `yaml:"tsa" name:"tsa" env:"ELICENSE_TSA" default:"" help:"Addresses of time-stamping authorities (RFC 3161), comma-separated; empty: signatures are not stamped."`
	TSAPolicies     string `yaml:"tsa-policies" name:"tsa-policies" env:"ELICENSE_TSA_POLICIES" default:"" help:"Policies of time stamps that serve, object identifiers, comma-separated; empty: those of the National Certification Authority."`
	GatewayURL      string `yaml:"gateway-url" name:"gateway-url" env:"ELICENSE_GATEWAY_URL" default:"" help:"Address of the payment gateway's page."`
	GatewayKey      string `yaml:"gateway-secret-file" name:"gateway-secret-file" env:"ELICENSE_GATEWAY_SECRET_FILE" default:"" help:"File with the secret shared with the payment gateway."`
	Seal            string `yaml:"seal" name:"seal" env:"ELICENSE_SEAL" default:"" help:"File with the organisation's certificate and key that seal documents (PKCS#12 or PEM), or none."`
	SealKey         string `yaml:"seal-key" name:"seal-key" env:"ELICENSE_SEAL_KEY" default:"" help:"PEM file with the seal's private key, where it is apart from the certificate."`
	SealPassword    string `yaml:"seal-password-file" name:"seal-password-file" env:"ELICENSE_SEAL_PASSWORD_FILE" default:"" help:"File with the password of the seal's key; or set the variable ELICENSE_SEAL_PASSWORD."`
	BodySealsFolder string `yaml:"body-seals" name:"body-seals" env:"ELICENSE_BODY_SEALS" default:"" help:"Folder with seals of single state bodies: KEY.p12 or KEY.pem, and KEY.password, by the key of the body; the others use --seal."`
	RegistersURL    string `yaml:"registers-url" name:"registers-url" env:"ELICENSE_REGISTERS_URL" default:"" help:"Address of the state registers of legal entities and persons."`
	RegistersKey    string `yaml:"registers-token-file" name:"registers-token-file" env:"ELICENSE_REGISTERS_TOKEN_FILE" default:"" help:"File with the token that the registers ask for."`

	RegistersTimeout time.Duration `yaml:"registers-timeout" name:"registers-timeout" env:"ELICENSE_REGISTERS_TIMEOUT" default:"3s" help:"How long a register may take to answer."`

	EgovMobile   string `yaml:"egov-mobile" name:"egov-mobile" env:"ELICENSE_EGOV_MOBILE" default:"" help:"Address that opens eGov Mobile, e.g. https://m.egov.kz/mobileSign/?isi=…; empty: no signing on a telephone."`
	EgovBusiness string `yaml:"egov-business" name:"egov-business" env:"ELICENSE_EGOV_BUSINESS" default:"" help:"The same for eGov Business; empty: not offered."`
	OperatorKK   string `yaml:"operator-name-kk" name:"operator-name-kk" env:"ELICENSE_OPERATOR_NAME_KK" default:"" help:"Name of the organisation that runs the portal, in Kazakh, as telephones show it."`
	OperatorRU   string `yaml:"operator-name-ru" name:"operator-name-ru" env:"ELICENSE_OPERATOR_NAME_RU" default:"" help:"The same in Russian."`
	OperatorEN   string `yaml:"operator-name-en" name:"operator-name-en" env:"ELICENSE_OPERATOR_NAME_EN" default:"" help:"The same in English."`
	OperatorBIN  string `yaml:"operator-bin" name:"operator-bin" env:"ELICENSE_OPERATOR_BIN" default:"" help:"BIN of that organisation."`

	MCI string `yaml:"mci" name:"mci" env:"ELICENSE_MCI" default:"" help:"Monthly calculation indices that the program does not know yet: first day and whole tenge, comma-separated, e.g. 2027-01-01=4500."`

	AuditKey         string `yaml:"audit-key" name:"audit-key" env:"ELICENSE_AUDIT_KEY" default:"" help:"File with the key that signs the checkpoints of the audit; empty: audit.key in the data folder, made at the first start."`
	AuditCheckpoints string `yaml:"audit-checkpoints" name:"audit-checkpoints" env:"ELICENSE_AUDIT_CHECKPOINTS" default:"" help:"Folder, away from the database, where signed checkpoints are kept as well."`
	Previews         string `yaml:"preview-program" name:"preview-program" env:"ELICENSE_PREVIEW_PROGRAM" default:"pdftoppm" help:"Program that draws the pages of uploaded documents for officials: pdftoppm of poppler, its path or its name in PATH; where it is missing, documents are opened as files only."`
	SMTP             string `yaml:"smtp" name:"smtp" env:"ELICENSE_SMTP" default:"" help:"Mail server that sends notices, host:port; empty: no mail."`
	SMTPFrom         string `yaml:"smtp-from" name:"smtp-from" env:"ELICENSE_SMTP_FROM" default:"" help:"Address from which notices come, e.g. E-licensing <no-reply@elicense.example>."`
	SMTPUser         string `yaml:"smtp-user" name:"smtp-user" env:"ELICENSE_SMTP_USER" default:"" help:"Name by which the mail server knows us; empty: it asks for none."`
	SMTPPassword     string `yaml:"smtp-password-file" name:"smtp-password-file" env:"ELICENSE_SMTP_PASSWORD_FILE" default:"" help:"File with the password for that name."`
	SMS              string `yaml:"sms" name:"sms" env:"ELICENSE_SMS" default:"" help:"Addresses of providers of SMS, comma-separated, the first one first; empty: no SMS."`
	SMSTokens        string `yaml:"sms-token-files" name:"sms-token-files" env:"ELICENSE_SMS_TOKEN_FILES" default:"" help:"Files with the providers' tokens, comma-separated, in the order of --sms."`
	NoticeFolder     string `yaml:"notice-folder" name:"notice-folder" env:"ELICENSE_NOTICE_FOLDER" default:"" help:"Folder into which mail and SMS are put instead of being sent, for trials."`

	OfficeServices bool `yaml:"services-from-office" name:"services-from-office" env:"ELICENSE_SERVICES_FROM_OFFICE" help:"Services are published at the office only; those of the program are not published at start."`

	OfficeFactor     string `yaml:"office-second-factor" name:"office-second-factor" env:"ELICENSE_OFFICE_SECOND_FACTOR" default:"required" help:"Whether officials who log in by password need one-time codes: required or optional."`
	FactorKey        string `yaml:"factor-key" name:"factor-key" env:"ELICENSE_FACTOR_KEY" default:"" help:"File with the key that encrypts the secrets of one-time codes: 64 hexadecimal digits; empty: they are stored as they are."`
	OfficeIdle       int    `yaml:"office-session-idle" name:"office-session-idle" env:"ELICENSE_OFFICE_SESSION_IDLE" default:"20" help:"Minutes without a request after which an official's session ends."`
	OfficeAbsolute   int    `yaml:"office-session-absolute" name:"office-session-absolute" env:"ELICENSE_OFFICE_SESSION_ABSOLUTE" default:"10" help:"Hours after which an official's session ends in any case."`
	OfficeSignatures string `yaml:"office-signatures" name:"office-signatures" env:"ELICENSE_OFFICE_SIGNATURES" default:"required" help:"Whether officials sign decisions with their keys, where a service does not say otherwise: required or none."`

	Forwarded bool `yaml:"behind-proxy" name:"behind-proxy" env:"ELICENSE_BEHIND_PROXY" help:"A proxy in front sets X-Forwarded-For."`
}

// The values of office-signatures.
const (
	SignaturesRequired = "required"
	SignaturesNone     = "none"
)

// Mistakes are all the things wrong with a configuration, each with its key.
type Mistakes []string

// Error writes one mistake a line.
func (m Mistakes) Error() string { return strings.Join(m, "\n") }

// Read gives the values of a file by key. An unknown key, a wrong type or a broken file is an error with line and column.
func Read(file string) (map[string]any, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var strict Config
	if err := yaml.UnmarshalWithOptions(b, &strict, yaml.Strict()); err != nil {
		var ye yaml.Error
		if errors.As(err, &ye) && ye.GetToken() != nil {
			p := ye.GetToken().Position
			return nil, fmt.Errorf("%s:%d:%d: %s", file, p.Line, p.Column, ye.GetMessage())
		}
		if strings.Contains(err.Error(), "invalid duration") { // the parser says neither line nor key, and there is one such key
			return nil, fmt.Errorf("%s: registers-timeout: write it as 3s or 500ms: %w", file, err)
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(b, &values); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return values, nil
}

// Complete fills in what follows from other values.
func (c Config) Complete() Config {
	if c.Origin == "" {
		c.Origin = originOf(c.Listen)
	}
	c.Origin = strings.TrimRight(c.Origin, "/")
	if c.OfficeOrigin == "" {
		c.OfficeOrigin = originOf(c.OfficeListen)
	}
	c.OfficeOrigin = strings.TrimRight(c.OfficeOrigin, "/")
	if c.SignerOrigin == "" && c.SignerListen != "" {
		c.SignerOrigin = originOf(c.SignerListen)
	}
	c.SignerOrigin = strings.TrimRight(c.SignerOrigin, "/")
	c.OfficeFactor, c.OfficeIdle, c.OfficeAbsolute = cmp.Or(c.OfficeFactor, FactorRequired), cmp.Or(c.OfficeIdle, 20), cmp.Or(c.OfficeAbsolute, 10)
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.Data, "elicense.db")
	}
	return c
}

// originOf is where a listener is reached on this machine itself.
func originOf(listen string) string {
	if host, port, err := net.SplitHostPort(listen); err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		return "http://127.0.0.1:" + port
	}
	return "http://" + listen
}

// AuditKeyFile is where the key of the audit's checkpoints lies.
func (c Config) AuditKeyFile() string {
	if c.AuditKey != "" {
		return c.AuditKey
	}
	return filepath.Join(c.Data, "audit.key")
}

// Secure tells whether the external portal is reached by https.
func (c Config) Secure() bool { return strings.HasPrefix(c.Origin, "https://") }

// RevocationLists gives the configured lists one by one.
func (c Config) RevocationLists() []string { return parts(c.Lists) }

// Responders gives the configured OCSP responders one by one.
func (c Config) Responders() []string { return parts(c.OCSP) }

// parts are the values between commas.
func parts(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// Check finds what is wrong with a completed configuration without starting anything.
func (c Config) Check() error {
	var m Mistakes
	say := func(format string, args ...any) { m = append(m, fmt.Sprintf(format, args...)) }
	for key, address := range map[string]string{"listen": c.Listen, "office-listen": c.OfficeListen} {
		_, port, err := net.SplitHostPort(address)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			say("%s: %q is no host:port", key, address)
		}
	}
	if c.Listen == c.OfficeListen {
		say("office-listen: the internal portal needs an address of its own, %s is the external one's", c.Listen)
	}
	if info, err := os.Stat(c.Data); c.Data == "" || err == nil && !info.IsDir() {
		say("data: name a folder, not %q", c.Data)
	}
	c.checkDatabase(say)
	c.checkOrigin(say)
	checkOrigin("office-origin", c.OfficeOrigin, say)
	if !slices.Contains([]string{"", SignaturesRequired, SignaturesNone}, c.OfficeSignatures) {
		say("office-signatures: required or none, not %q", c.OfficeSignatures)
	}
	c.checkSigner(say)
	switch c.Environment {
	case "production", "test", "demo":
	default:
		say("environment: production, test or demo, not %q", c.Environment)
	}
	if u, err := url.Parse(c.Agent); err != nil || u.Hostname() == "" || u.Scheme != "wss" && (u.Scheme != "ws" || !Loopback(u.Hostname())) {
		say("agent: an address that begins with wss:// (or ws:// on loopback), not %q", c.Agent)
	}
	c.checkGateway(say)
	c.checkSeal(say)
	c.checkRegisters(say)
	c.checkMobile(say)
	c.checkFiles(say)
	c.checkResponders(say)
	c.checkStamps(say)
	c.checkOffice(say)
	c.checkNotices(say)
	if _, err := c.FactorKeys(); err != nil {
		say("%v", err)
	}
	if _, err := c.Indices(); err != nil {
		say("mci: %v", err)
	}
	if c.Environment == "production" {
		c.checkProduction(say)
	}
	if len(m) > 0 {
		return m
	}
	return nil
}

func (c Config) checkOrigin(say func(string, ...any)) { checkOrigin("origin", c.Origin, say) }

// checkOrigin looks at the public address of a listener; nil when there is something wrong with it.
func checkOrigin(key, origin string, say func(string, ...any)) *url.URL {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Host != strings.ToLower(u.Host) || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		say("%s: scheme://host[:port] and nothing more, not %q", key, origin)
		return nil
	}
	if u.Scheme == "http" && !Loopback(u.Hostname()) {
		say("%s: https is required except on this machine itself (%s)", key, origin)
	}
	return u
}

func (c Config) checkProduction(say func(string, ...any)) {
	if c.Anchors == "" {
		say("anchors: name the folder with the root certificates; without them no signature can be judged")
	}
	if len(c.RevocationLists()) == 0 && len(c.Responders()) == 0 {
		say("revocation-lists: name at least one, or a responder in ocsp; without them every signature stays pending")
	}
	if c.Seal == "" {
		say("seal: name the file with the organisation's key and certificate, or write none: then permits are issued without a seal")
	}
}

// checkDatabase looks at the address only; whether the database answers is doctor's question.
func (c Config) checkDatabase(say func(string, ...any)) {
	if path, ok := strings.CutPrefix(c.Database, "sqlite:"); ok {
		if path == "" {
			say("database: sqlite: is followed by the path of a file")
		}
		return
	}
	// The address may hold a password and is not repeated here.
	if u, err := url.Parse(c.Database); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		say("database: begins with postgres:// or sqlite:, or is empty")
	}
}

func (c Config) checkGateway(say func(string, ...any)) {
	if (c.GatewayURL == "") != (c.GatewayKey == "") {
		say("gateway-url and gateway-secret-file belong together")
	}
	if u, err := url.Parse(c.GatewayURL); c.GatewayURL != "" && (err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname()))) {
		say("gateway-url: an address that begins with https://, without query, not %q", c.GatewayURL)
	}
	if c.GatewayKey != "" {
		if b, err := os.ReadFile(c.GatewayKey); err != nil || len(strings.TrimSpace(string(b))) < 32 {
			say("gateway-secret-file: a readable file with at least 32 characters")
		}
	}
}

// checkFiles looks whether the folders and files of trust are there.
func (c Config) checkFiles(say func(string, ...any)) {
	for key, folder := range map[string]string{"anchors": c.Anchors, "authorities": c.Authorities, "audit-checkpoints": c.AuditCheckpoints} {
		if info, err := os.Stat(folder); folder != "" && (err != nil || !info.IsDir()) {
			say("%s: %s is no folder", key, folder)
		}
	}
	if info, err := os.Stat(c.AuditKey); c.AuditKey != "" && (err != nil || info.IsDir()) {
		say("audit-key: %s is no file", c.AuditKey)
	}
	for _, list := range c.RevocationLists() {
		u, err := url.Parse(list)
		switch {
		case err == nil && (u.Scheme == "http" || u.Scheme == "https"):
			if u.Host == "" {
				say("revocation-lists: %q names no host", list)
			}
		case strings.Contains(list, "://"):
			say("revocation-lists: %q is neither http:// nor https:// nor a file", list)
		default:
			if info, err := os.Stat(list); err != nil || info.IsDir() {
				say("revocation-lists: %s is no file", list)
			}
		}
	}
}

// checkResponders looks at addresses only. Plain http is usual here: the answers are signed.
func (c Config) checkResponders(say func(string, ...any)) {
	for _, address := range c.Responders() {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			say("ocsp: an address that begins with http:// or https://, without query, not %q", address)
		}
	}
}

// Loopback tells whether a host is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
