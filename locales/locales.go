// Package locales embeds every word of the interface in Kazakh, Russian and English.
package locales

import "embed"

// Files are <lang>.json and <part>.<lang>.json.
//
//go:embed *.json
var Files embed.FS
