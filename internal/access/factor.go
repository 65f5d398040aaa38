package access

// Factor is the second factor of an official's log-in: one-time codes by the time (RFC 6238). It counts once the official
// has confirmed it with a code (Official.FactorAt).
type Factor struct {
	Official string
	Secret   string   // base32, without padding; as stored, encrypted (package account)
	Step     int64    // the last time step whose code was used: neither it nor an earlier one is taken again
	Recovery []string // SHA-256 of the recovery codes that are left, hex
	Version  int
}
