package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoticeSettings(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string // part of the mistake; empty = none
		config     Config
	}{
		{"nothing", "", Config{}},
		{"mail", "", Config{SMTP: "mail.example:587", SMTPFrom: "E <no-reply@elicense.example>", SMTPUser: "u", SMTPPassword: token}},
		{"no port", "smtp:", Config{SMTP: "mail.example", SMTPFrom: "no-reply@elicense.example"}},
		{"no sender", "smtp-from:", Config{SMTP: "mail.example:587"}},
		{"a name without a password", "belong together", Config{SMTPUser: "u"}},
		{"two providers", "", Config{SMS: "https://a.example/sms,https://b.example/sms", SMSTokens: token + "," + token}},
		{"one token for two", "as many files", Config{SMS: "https://a.example/sms,https://b.example/sms", SMSTokens: token}},
		{"in the open", "https://", Config{SMS: "http://a.example/sms", SMSTokens: token}},
		{"no token", "no readable file", Config{SMS: "https://a.example/sms", SMSTokens: token + "x"}},
		{"a folder and a provider", "either", Config{SMTP: "mail.example:587", SMTPFrom: "a@b.kz", NoticeFolder: "x"}},
		{"a folder in production", "production", Config{NoticeFolder: "x", Environment: "production"}},
	} {
		var said []string
		c.config.checkNotices(func(format string, _ ...any) { said = append(said, format) })
		if got := strings.Join(said, "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	list, err := Config{SMS: "https://a.example/sms, https://b.example/sms", SMSTokens: token + "," + token}.SMSProviders()
	if err != nil || len(list) != 2 || list[0].Name != "1-a.example" || list[1].Token != "secret" {
		t.Errorf("%+v %v", list, err)
	}
}
