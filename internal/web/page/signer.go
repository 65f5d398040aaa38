package page

// SignerAnchor is the id of SignerPanel's heading.
const SignerAnchor = "signer-title"

// InPage is the part of the signing page that signs with a key file, in a frame of another origin. The signatures go into the
// form of SignPanel, which stands on the same page.
type InPage struct {
	Origin      string // of the signer
	Frame       string // address of its page
	Payload     string // base64 of the canonical documents, parted by commas
	Title       string
	Text        string
	Button      string // "Sign with a key file"
	FrameTitle  string // the frame's accessible name
	NoScript    string // what to do where scripts do not run
	Unavailable string // the frame cannot be used here, and what to do
	Sending     string
}
