package web

import "embed"

//go:embed templates/*.html
var files embed.FS
