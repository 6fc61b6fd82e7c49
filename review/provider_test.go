package review_test

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The provider of the tests is a process of its own: this test binary again, which speaks OpenID Connect over HTTP. What it says about the
// person who signs in, and what it does wrong, is posted to /control.

// said is what the provider says of the person who signs in next.
type said struct {
	Subject, Login, Name string
	Groups               []string
	SignedIn             time.Time // auth_time, zero = not said
	Now                  time.Time // the provider's clock
	Fault                string    // what it does wrong, "" = nothing
}

// grantedCode is what a code stands for until it is traded in.
type grantedCode struct{ nonce, challenge, redirect string }

type fakeProvider struct {
	mu     sync.Mutex
	issuer string
	key    *rsa.PrivateKey
	next   said
	codes  map[string]grantedCode
}

const (
	clientID     = "tieout"
	clientSecret = "the client's secret"
)

func TestMain(m *testing.M) {
	if os.Getenv("TIEOUT_TEST_PROVIDER") != "" {
		if err := serveProvider(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveProvider() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	p := &fakeProvider{issuer: "http://" + listener.Addr().String(), key: key, codes: map[string]grantedCode{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /control", p.control)
	fmt.Println(p.issuer)
	return http.Serve(listener, mux)
}

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

func (p *fakeProvider) discovery(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, map[string]any{"issuer": p.issuer, "authorization_endpoint": p.issuer + "/authorize", "token_endpoint": p.issuer + "/token", "jwks_uri": p.issuer + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported": []string{"S256"}})
}

func (p *fakeProvider) keys(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
}

func (p *fakeProvider) control(_ http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = said{}
	if err := json.NewDecoder(r.Body).Decode(&p.next); err != nil {
		panic(err)
	}
}

// authorize lets the person in at once and sends the browser back.
func (p *fakeProvider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	if q.Get("client_id") != clientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || !strings.Contains(q.Get("scope"), "openid") {
		http.Error(w, "not a sign-in that I know", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.codes[code] = grantedCode{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	switch p.next.Fault {
	case "state":
		back.Set("state", "another one")
	case "refuses":
		back = url.Values{"error": {"access_denied"}, "state": {q.Get("state")}}
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token trades a code, once, for who the person is.
func (p *fakeProvider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if decoded, err := url.QueryUnescape(secret); err == nil {
		secret = decoded
	}
	granted, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || id != clientID || secret != clientSecret || base64.RawURLEncoding.EncodeToString(sum[:]) != granted.challenge || r.FormValue("redirect_uri") != granted.redirect {
		w.WriteHeader(http.StatusBadRequest)
		answerJSON(w, map[string]string{"error": "invalid_grant"})
		return
	}
	token, err := p.idToken(granted)
	if err != nil {
		panic(err)
	}
	answerJSON(w, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": token})
}

func (p *fakeProvider) idToken(granted grantedCode) (string, error) {
	key := p.key
	claims := map[string]any{"iss": p.issuer, "aud": clientID, "sub": p.next.Subject, "nonce": granted.nonce, "iat": p.next.Now.Unix(), "exp": p.next.Now.Add(time.Minute).Unix(),
		"preferred_username": p.next.Login, "name": p.next.Name, "email": "same@example.com", "groups": p.next.Groups}
	if !p.next.SignedIn.IsZero() {
		claims["auth_time"] = p.next.SignedIn.Unix()
	}
	switch p.next.Fault {
	case "issuer":
		claims["iss"] = "https://evil.example"
	case "audience":
		claims["aud"] = "another desk"
	case "expired":
		claims["exp"] = p.next.Now.Add(-time.Second).Unix()
	case "nonce":
		claims["nonce"] = "of another sign-in"
	case "no nonce":
		delete(claims, "nonce")
	case "no subject":
		claims["sub"] = ""
	case "key":
		other, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return "", err
		}
		key = other
	case "unsigned":
		none, _ := json.Marshal(claims)
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(none) + ".", nil
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// startProvider runs a provider until the test ends, and returns its issuer.
func startProvider(t testing.TB) (issuer string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "TIEOUT_TEST_PROVIDER=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the provider did not start")
	}
	return lines.Text()
}
