package port

import (
	"context"
	"io"
)

// MaxPreviewPages is how many pages of a document are shown as images; the rest is in the file itself.
const MaxPreviewPages = 50

// Previews makes images of what people upload, so that a hostile file never reaches the reader of an official.
type Previews interface {
	// Page gives a page, from 1, as PNG that this program wrote itself, within a bounded time and size. A page that is not there
	// is fault.NotFound "preview.no-page"; a kind of file of which none can be made fault.Invalid "preview.kind"; a file that is
	// broken, encrypted or takes too much fault.Invalid "preview.failed"; too many at once fault.Unavailable "preview.busy".
	Page(ctx context.Context, content io.Reader, media string, page int) ([]byte, error)
}
