package site

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

//go:embed templates/*.html
var files embed.FS

var layoutFiles fs.FS = files

//go:embed static/*
var static embed.FS

// asset is a file under an address that changes with its content, so that caches may keep it for ever.
type asset struct {
	kind string
	body []byte
	path string
}

// assets by name; filled when the program starts.
var assets = map[string]asset{}

var _ = AddAssets(static, "static")

// AddAssets adds the files of a folder to what /assets/ serves; a package with assets of its own calls it once, from
// a package variable. It panics on a folder that cannot be read and on a name that is taken.
func AddAssets(files fs.FS, dir string) bool {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		panic("site: assets: " + err.Error())
	}
	for _, e := range entries {
		body, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if _, taken := assets[e.Name()]; taken || err != nil {
			panic("site: asset " + e.Name() + " cannot be read or is there twice")
		}
		sum := sha256.Sum256(body)
		assets[e.Name()] = asset{
			kind: mime.TypeByExtension(path.Ext(e.Name())), body: body,
			path: "/assets/" + hex.EncodeToString(sum[:8]) + "/" + e.Name(),
		}
	}
	return true
}

// AssetPath is the address of an asset by its name. It panics on a name that is none: a page would be broken.
func AssetPath(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("site: no asset " + name)
	}
	return a.path
}

func assetRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/assets/{sum}/{name}", Who: Anyone, Serve: serveAsset},
		{Method: http.MethodGet, Path: "/favicon.ico", Who: Anyone, Serve: serveIcon},
		{Method: http.MethodGet, Path: "/robots.txt", Who: Anyone, Serve: serveRobots},
	}
}

// serveAsset serves an asset under its present address only; an old address is gone, never another content.
func serveAsset(w http.ResponseWriter, r *http.Request) error {
	a, ok := assets[r.PathValue("name")]
	if !ok || a.path != r.URL.Path {
		return errNotFound
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", a.kind)
	_, _ = w.Write(a.body)
	return nil
}

func serveIcon(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, AssetPath("icon.svg"), http.StatusSeeOther)
	return nil
}

// serveRobots keeps search engines away from everything: nothing here is public.
func serveRobots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n"))
	return nil
}
