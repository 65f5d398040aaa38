package page

// TermSection is one statutory term: what it is for, how it was counted, and its days with their reasons.
type TermSection struct {
	Title string
	Rows  []Row
	Notes []string
	Days  Table
}
