package signdoc

import (
	"slices"
	"time"

	"elicense/internal/fault"
)

// skew is how far ahead of ours the clock that issued a document may be: another node of the same portal.
const skew = 2 * time.Minute

// Expect is what the receiving side knows about the document it issued.
type Expect struct {
	Purpose     Purpose
	Origin      string
	Environment string
	At          time.Time // time of receipt
}

// Accept says whether this document is for this purpose, portal and environment, and in time. The nonce, which must
// be single-use and bound to the session, is the caller's to check.
func (d Document) Accept(e Expect) error {
	switch {
	case d.Purpose != e.Purpose:
		return fault.New(fault.Invalid, KeyPurpose)
	case d.Environment != e.Environment:
		return fault.New(fault.Invalid, KeyEnvironment)
	case d.Origin != e.Origin:
		return fault.New(fault.Invalid, KeyOrigin)
	case d.Issued.After(e.At.Add(skew)):
		return fault.New(fault.Invalid, KeyEarly)
	case !e.At.Before(d.Expires):
		return fault.New(fault.Gone, KeyExpired)
	}
	return nil
}

// Signer is what the document asks of a certificate: the holder and the roles, in the words of the certificates'
// profile ("individual", "legal-entity", "head", "right-to-sign", "employee", ...).
type Signer struct {
	IIN, BIN string
	Roles    []string
}

// AcceptSigner says whether the holder of this certificate may sign this document. The person and the organisation
// must be those the document names. For an organisation, whoever applies, corrects, withdraws, registers or recovers
// must be its head or have the right to sign; an officer logs in and decides with an employee's certificate too,
// because the right to decide is given by the state body inside the portal. A power of attorney on file widens this:
// delegated says that the caller has found one, and then the person's own certificate serves as well.
func (d Document) AcceptSigner(s Signer, delegated bool) error {
	switch {
	case d.IIN != "" && s.IIN != d.IIN:
		return fault.New(fault.Invalid, KeyOtherPerson)
	case d.Purpose == Login && d.IIN == "":
		return nil // the log-in itself tells who it is
	case d.Purpose.official() && d.BIN == "":
		return nil // the state body's BIN is not known to the system: the person is compared alone
	case s.BIN != d.BIN && (s.BIN != "" || !delegated):
		return fault.New(fault.Invalid, KeyOtherEntity)
	case d.Purpose == Login || d.Purpose.official() || s.BIN == "" || delegated:
		return nil
	case slices.Contains(s.Roles, "legal-entity") && (slices.Contains(s.Roles, "head") || slices.Contains(s.Roles, "right-to-sign")):
		return nil
	}
	return fault.New(fault.Denied, KeyNoRight)
}

// official tells the purposes with which officials sign.
func (p Purpose) official() bool { return p == Decision || p == Act }
