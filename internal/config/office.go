package config

// The values of office-second-factor.
const (
	FactorRequired = "required"
	FactorOptional = "optional"
)

// checkOffice looks at how officials log in. A session of the internal portal lasts no longer than one of the external.
func (c Config) checkOffice(say func(string, ...any)) {
	if c.OfficeFactor != FactorRequired && c.OfficeFactor != FactorOptional {
		say("office-second-factor: required or optional, not %q", c.OfficeFactor)
	}
	if c.OfficeIdle < 10 || c.OfficeIdle > 30 {
		say("office-session-idle: 10 to 30 minutes, not %d", c.OfficeIdle)
	}
	if c.OfficeAbsolute < 1 || c.OfficeAbsolute > 12 {
		say("office-session-absolute: 1 to 12 hours, not %d", c.OfficeAbsolute)
	}
}
