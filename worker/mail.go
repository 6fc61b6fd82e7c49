package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"

	"github.com/wneessen/go-mail"
)

// mail sends a letter by the configured server. Its key becomes the message id, so that a copy sent again is recognised.
func (p *Pipeline) mail(ctx context.Context, l letter, key string) error {
	m := mail.NewMsg()
	if err := m.From(p.Notify.From); err != nil {
		return errors.New("the sender of mail is no address: notify.from in tieout.yaml")
	}
	if err := m.To(l.To); err != nil {
		return errors.New("the receiver is no address")
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(fmt.Sprintf("%s.%s@tieout", p.Entity.ID, key))
	m.SetDateWithValue(p.Now())
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	client, err := mailClient(p.Notify.SMTP)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, m)
}

// mailClient reads smtp://user:password@host:port, or smtps:// for TLS from the first byte. On smtp the connection is encrypted where the
// server can, and a password is never sent in the clear but to this machine itself.
func mailClient(server string) (*mail.Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("the mail server cannot be read: notify.smtp")
	}
	options := []mail.Option{mail.WithTLSPolicy(mail.TLSOpportunistic)}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
		}
	}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSL())
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, errors.New("the port of the mail server is no number: notify.smtp")
		}
		options = append(options, mail.WithPort(port))
	}
	return mail.NewClient(u.Hostname(), options...)
}
