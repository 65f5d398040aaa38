package permit

// IsSlip tells whether a document is the slip by which a notification was accepted. The first letter of the code in its
// number, KZ + two check digits + code, says so.
func IsSlip(number string) bool { return len(number) > 4 && number[4] == 'U' }
