package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Secrets come from the environment or from files that only their owner reads, never from tieout.yaml.

// inlineSecrets refuses passwords in the file. It looks before the environment is laid over it.
func (r *configReader) inlineSecrets(doc configDocument) {
	if at := doc.Desk.OIDC.ClientSecret; at.Given() {
		r.reject("CFG-SECRET", at, "desk.oidc.client_secret stands in the file", "set it in the environment as TIEOUT_DESK_OIDC_CLIENT_SECRET, or name a file that holds it: client_secret_file")
	}
	for _, url := range []struct {
		key string
		at  configText
	}{{"store", doc.Store}, {"notify.smtp", doc.Notify.SMTP}, {"notify.heartbeat", doc.Notify.Heartbeat}} {
		if holdsPassword(url.at.Text) {
			variable := "TIEOUT_" + strings.ToUpper(strings.ReplaceAll(url.key, ".", "_"))
			r.reject("CFG-SECRET", url.at, url.key+" holds a password", secretAdvice(url.key, variable))
		}
	}
}

func secretAdvice(key, variable string) string {
	switch key {
	case "store":
		return "set it in the environment as TIEOUT_STORE_PASSWORD, or name a file that holds it: store_password_file"
	case "notify.heartbeat":
		return "set it in the environment as " + variable
	}
	return fmt.Sprintf("set it in the environment as %s, or name a file that holds it: %s_file", variable, key[strings.LastIndex(key, ".")+1:])
}

var (
	passwordInURL   = regexp.MustCompile(`://[^/?#]*:[^/?#]*@`)
	passwordByField = regexp.MustCompile(`(?i)\b(password|passwd|pwd|auth_pass)\s*=`)
)

func holdsPassword(s string) bool {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if password, set := u.User.Password(); set && password != "" {
			return true
		}
	}
	return passwordInURL.MatchString(s) || passwordByField.MatchString(s)
}

// secret returns the value of a key that may also be given as a file.
func (r *configReader) secret(key string, at, file configText) configText {
	if !file.Given() {
		return at
	}
	if at.Given() {
		r.reject("CFG-SECRET", file, fmt.Sprintf("%s and %s_file are both given", key, key), "keep one of them")
		return at
	}
	path := r.path(file, "")
	info, err := os.Stat(path)
	switch {
	case err != nil:
		r.reject("CFG-SECRET", file, fmt.Sprintf("%s_file %q cannot be read", key, clip(file.Text)), "make the file, with the value as its only line")
		return configText{}
	case !info.Mode().IsRegular():
		r.reject("CFG-SECRET", file, fmt.Sprintf("%s_file %q is no plain file", key, clip(file.Text)), "name a file with the value as its only line")
		return configText{}
	case info.Mode().Perm()&0o007 != 0:
		r.reject("CFG-SECRET", file, fmt.Sprintf("%s_file %q may be read by everybody (mode %04o)", key, clip(file.Text), info.Mode().Perm()), "chmod 600 "+filepath.Base(path))
		return configText{}
	}
	content, err := os.ReadFile(path)
	value := strings.TrimSpace(string(content))
	if err != nil || value == "" || strings.ContainsAny(value, "\n\x00") {
		r.reject("CFG-SECRET", file, fmt.Sprintf("%s_file %q does not hold one line", key, clip(file.Text)), "write the value as its only line")
		return configText{}
	}
	return configText{Text: value, Line: file.Line, Source: file.Source}
}

// store returns the place of the database. Messages never show the rest of a URL: it may hold a password.
func (r *configReader) store(doc configDocument) string {
	at := r.secret("store", doc.Store, doc.StoreFile)
	if !at.Given() {
		return "sqlite:" + filepath.Join(r.dir, "tieout.db")
	}
	scheme, rest, _ := strings.Cut(at.Text, ":")
	switch path := strings.TrimPrefix(rest, "//"); {
	case scheme == "postgres" || scheme == "postgresql":
		if u, err := url.Parse(at.Text); err == nil && len(u.Path) > 1 {
			return at.Text
		}
		r.reject("STORE-SCHEME", at, "store names no database", "write store: postgres://user@host:5432/database")
	case scheme != "sqlite" || rest == at.Text:
		r.reject("STORE-SCHEME", at, fmt.Sprintf("unknown kind of store %q", clip(scheme)), "write store: sqlite:tieout.db, or postgres://user@host:5432/database")
	case path == "" || strings.ContainsAny(path, "?#\x00") || path == ":memory:":
		r.reject("STORE-SCHEME", at, "store names no file", "write store: sqlite:tieout.db")
	default:
		return "sqlite:" + r.path(configText{Text: path, Line: at.Line, Source: at.Source}, "")
	}
	return ""
}

func (r *configReader) smtp(doc notifyDoc) string {
	at := r.secret("smtp", doc.SMTP, doc.SMTPFile)
	if !at.Given() {
		return ""
	}
	if u, err := url.Parse(at.Text); err != nil || u.Host == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		r.reject("CFG-VALUE", at, "smtp is no smtp or smtps URL", `write for example "smtp://mail.example:587"`)
	}
	return at.Text
}
