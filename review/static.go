package review

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that browsers keep: its version is in its address.
type asset struct {
	data              []byte
	version, mimeType string
}

func loadStatic() (map[string]asset, error) {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	assets := map[string]asset{}
	for _, entry := range entries {
		data, err := staticFiles.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("static files: %w", err)
		}
		sum := sha256.Sum256(data)
		assets[entry.Name()] = asset{data: data, version: hex.EncodeToString(sum[:6]), mimeType: staticType(entry.Name())}
	}
	return assets, nil
}

// staticType does not ask the machine what it knows of file names.
func staticType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return mime.FormatMediaType("application/octet-stream", nil)
}

func staticRoutes() []route {
	return []route{{method: "GET", path: "/static/{name}", may: anyone, as: public, do: (*call).staticFile, says: "Style and script of the pages"}}
}

func (c *call) staticFile() error {
	asset, known := c.static[c.r.PathValue("name")]
	if !known {
		return errNoPage
	}
	c.head().Set("Content-Type", asset.mimeType)
	c.head().Set("Cache-Control", "public, max-age=31536000, immutable")
	c.status = http.StatusOK
	_, err := c.answer.Write(asset.data)
	return err
}
