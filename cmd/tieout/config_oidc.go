package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tieout/tieout/review"
	"github.com/tieout/tieout/store"
)

type oidcDoc struct {
	Issuer           configText     `yaml:"issuer"`
	ClientID         configText     `yaml:"client_id"`
	ClientSecret     configText     `yaml:"client_secret"`
	ClientSecretFile configText     `yaml:"client_secret_file"`
	Name             configText     `yaml:"name"`
	URL              configText     `yaml:"url"`
	GroupsClaim      configText     `yaml:"groups_claim"`
	Roles            []groupRoleDoc `yaml:"roles"`
}

type groupRoleDoc struct {
	Group  configText `yaml:"group"`
	Entity configText `yaml:"entity"`
	Role   configText `yaml:"role"`
}

// oidc reads the organisation's sign-in, nil where there is none.
func (r *configReader) oidc(doc oidcDoc, entities []EntityConfig) *review.OIDC {
	place := anyOf(doc.Issuer, doc.ClientID, doc.URL, doc.Name)
	if !place.Given() {
		return nil
	}
	settings := &review.OIDC{Issuer: r.webAddress("issuer", doc.Issuer, place), ClientID: doc.ClientID.Text, ClientSecret: r.secret("client_secret", doc.ClientSecret, doc.ClientSecretFile).Text,
		Name: doc.Name.Text, Desk: strings.TrimRight(r.webAddress("url", doc.URL, place), "/"), GroupsClaim: doc.GroupsClaim.Text, Groups: map[string][]store.Grant{}}
	if settings.ClientID == "" {
		r.reject("CFG-OIDC", place, "oidc without client_id", "write the id under which the provider knows this desk")
	}
	if settings.Name == "" {
		settings.Name = "your organisation"
	}
	if settings.GroupsClaim == "" {
		settings.GroupsClaim = "groups"
	}
	if len(doc.Roles) == 0 {
		r.reject("CFG-OIDC", place, "oidc without roles: nobody who signs in could do anything", "add roles: - {group: ar-clerks, role: reviewer}")
	}
	for _, role := range doc.Roles {
		r.groupRole(settings, role, entities)
	}
	return settings
}

// groupRole gives a group a role in one company, or in all.
func (r *configReader) groupRole(settings *review.OIDC, doc groupRoleDoc, entities []EntityConfig) {
	place := anyOf(doc.Group, doc.Role, doc.Entity)
	if !doc.Group.Given() || doc.Group.Text == "" {
		r.reject("CFG-OIDC", place, "a role without group", "write for example {group: ar-clerks, role: reviewer}")
	}
	if !slices.Contains(store.Roles(), store.Role(doc.Role.Text)) {
		r.reject("CFG-OIDC", anyOf(doc.Role, place), fmt.Sprintf("there is no role %q", clip(doc.Role.Text)), "take one of viewer, reviewer, approver, rule_editor, admin, auditor")
	}
	known := false
	for _, entity := range entities {
		if !doc.Entity.Given() || doc.Entity.Text == entity.ID {
			known = true
			settings.Groups[doc.Group.Text] = append(settings.Groups[doc.Group.Text], store.Grant{Entity: entity.ID, Role: store.Role(doc.Role.Text)})
		}
	}
	if !known {
		r.reject("CFG-OIDC", anyOf(doc.Entity, place), fmt.Sprintf("there is no entity %q", clip(doc.Entity.Text)), "name one of entities:, or leave it out for all")
	}
}

// webAddress reads an https address; http is for this machine alone.
func (r *configReader) webAddress(key string, at, place configText) string {
	u, err := url.Parse(at.Text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && local(u.Hostname())) {
		r.reject("CFG-OIDC", anyOf(at, place), fmt.Sprintf("%s %q is no https address", key, clip(at.Text)), "write for example "+key+": https://id.example")
	}
	return at.Text
}
