package page

// Progress is where the reader stands among the steps of an application.
type Progress struct {
	Position string // "Step 2 of 6: Personal data"
	Steps    []Step
}

// Step is one of them. Without Href it cannot be opened yet.
type Step struct {
	Name, Href string
	State      StepState
	Word       string // the state in words: "Completed"
}

// StepState is how far a step has come.
type StepState string

// The states of a step.
const (
	StepTodo    StepState = "todo"
	StepCurrent StepState = "current"
	StepDone    StepState = "done"
	StepProblem StepState = "problem"
	StepLocked  StepState = "locked"
)

// WizardEnd is the row of buttons under a step. An empty Next means the word Next; Back is always a button that saves.
type WizardEnd struct {
	Next  string
	First bool // no Back
	Later bool // offer "Save and return later"
}

// Signing is the part of the signing page that talks to NCALayer. It is a form of its own; the signature goes into the
// field NameCMS. Other ways of signing stand beside it and need no script.
type Signing struct {
	Action    string
	CSRF, Key string
	Address   string // wss://127.0.0.1:13579/, or the demonstration's own agent
	Payload   string // base64 of the canonical documents, parted by commas
	Purposes  string // extended key usages, comma-separated; empty = any
	IIN, BIN  string // whose key to offer; empty = any
	Chain     string // "null" = the agent filters by its own chains, "[]" = no filter
	Locale    string // kk, ru, en
	Demo      bool   // the agent is the demonstration's: ask it for its keys
	Title     string
	Text      string
	Button    string // "Sign with NCALayer"
	NoScript  string // what to do where scripts do not run
	Fields    []Hidden
}

// SignAnchor is the anchor of the heading of SignPanel.
const SignAnchor = "sign-title"

// NameCMS is the field that carries a signature.
const NameCMS = "cms"

func (s Signing) chain() string {
	if s.Chain == "" {
		return "null"
	}
	return s.Chain
}

func (s Step) tone() Tone {
	switch s.State {
	case StepDone:
		return Good
	case StepCurrent:
		return Active
	case StepProblem:
		return Bad
	}
	return Neutral
}
