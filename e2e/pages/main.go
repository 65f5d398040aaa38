// Command pages prints the pages that the routers of both portals know, for the browser tests: a page without a state
// that is looked at fails them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"elicense/internal/web"
	"elicense/internal/web/office"
	"elicense/internal/web/portal"
	"elicense/internal/web/signing"
)

// listed is a page with its address.
type listed struct {
	Page   string `json:"page"`
	Path   string `json:"path"`
	Policy string `json:"policy"`
}

func main() {
	all := map[string][]listed{
		"portal": pages((&portal.Portal{Phone: new(portal.Phone), Signing: &signing.Signing{Phone: new(signing.Phone)}}).Routes()),
		"office": pages((&office.Office{Signing: new(signing.Signing)}).Routes()), // its page with the code for a telephone is the portal's
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pages are the routes with a page's name.
func pages(routes []web.Route) []listed {
	var list []listed
	for _, r := range routes {
		if r.Page != "" {
			_, path, _ := strings.Cut(r.Pattern, " ")
			list = append(list, listed{Page: r.Page, Path: path, Policy: string(r.Policy)})
		}
	}
	return list
}
