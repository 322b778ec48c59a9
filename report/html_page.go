package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed html
var htmlFiles embed.FS

// scripts are the page's own, in the order in which they are joined.
var scripts = []string{"dom", "data", "table", "overview", "population", "plot", "graphs", "machine", "ladder", "conversation", "app"}

var page = template.Must(template.ParseFS(htmlFiles, "html/report.html"))

// pageParts fills the page's template. The policy allows exactly this style and
// these scripts, and no request at all.
var pageParts = func() (p struct {
	Policy string
	Style  template.CSS
	Early  template.JS // before anything is drawn: light or dark
	Script template.JS
}) {
	style := read("report.css")
	var script strings.Builder
	script.WriteString("\"use strict\";\n")
	for _, name := range scripts {
		script.WriteString(read(name + ".js"))
	}
	early := read("theme.js")
	p.Style, p.Early, p.Script = template.CSS(style), template.JS(early), template.JS(script.String())
	p.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " + source(style) +
		"; script-src " + source(early) + " " + source(script.String())
	return p
}()

func read(name string) string {
	b, err := htmlFiles.ReadFile("html/" + name)
	if err != nil {
		panic(err) // the binary was built without a file it names
	}
	return string(b)
}

// source is a CSP hash source (CSP Level 3, section 2.3.1).
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
