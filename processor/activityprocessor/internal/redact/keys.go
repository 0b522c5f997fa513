package redact

import (
	"net/url"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// secretWords are the words that the key of a secret ends with.
var secretWords = map[string]bool{
	"password": true, "passwords": true, "passwd": true, "pwd": true, "passkey": true, "passphrase": true, "passcode": true, "secret": true, "secrets": true,
	"token": true, "jwt": true, "apikey": true, "authkey": true, "authorization": true, "cookie": true, "cookies": true, "credential": true,
	"credentials": true, "otp": true, "totp": true, "cvv": true, "cvv2": true, "cvc": true, "pin": true, "ssn": true, "sig": true,
	"sid": true, "sessid": true, "jsessionid": true, "phpsessid": true, "sessionid": true, "privatekey": true, "cardnumber": true,
	"secretkey": true, "accesskey": true, "mnemonic": true, "connectionstring": true,
}

// secretPairs are two words at the end of a key that are secret together.
var secretPairs = map[string]bool{
	"api key": true, "access key": true, "private key": true, "secret key": true, "signing key": true, "encryption key": true,
	"auth key": true, "subscription key": true, "functions key": true, "application key": true, "app key": true, "hmac key": true, "aes key": true,
	"session id": true, "amz signature": true, "goog signature": true, "security answer": true, "secret answer": true, "mfa code": true, "sms code": true,
	"db pass": true, "user pass": true, "admin pass": true, "root pass": true, "login pass": true, "auth pass": true, "smtp pass": true, "mail pass": true,
	"ftp pass": true, "ldap pass": true, "proxy pass": true, "redis pass": true, "mysql pass": true, "postgres pass": true, "pg pass": true,
	"master key": true, "account key": true, "session key": true, "shared key": true, "license key": true, "card number": true, "auth code": true,
	"otp code": true, "totp code": true, "authorization code": true, "verification code": true, "recovery code": true, "backup code": true, "security code": true,
	"reset code": true, "security number": true, "connection string": true, "seed phrase": true, "recovery phrase": true, "session cookie": true,
}

// compounds are the ends of words that are written without a space, such as userpassword.
var compounds = []string{"password", "passwd", "passphrase", "token", "secret", "apikey", "privatekey", "pwd"}

// details are words that may follow the secret ones.
var details = map[string]bool{
	"value": true, "raw": true, "text": true, "plain": true, "plaintext": true, "encoded": true, "base64": true, "b64": true, "hex": true,
	"hash": true, "hashed": true, "header": true, "new": true, "old": true, "current": true, "previous": true, "confirm": true,
	"confirmation": true, "confirmed": true, "base": true, "pem": true, "repeat": true, "again": true, "1": true, "2": true,
}

// secretKeys knows keys of secrets.
type secretKeys struct {
	add   map[string]bool
	allow map[string]bool
	known memory[bool]
	ends  [256][256]bool // the last two bytes of keys of secrets
}

func newSecretKeys(cfg *SecretKeysConfig) *secretKeys {
	if !cfg.Enabled {
		return nil
	}
	s := &secretKeys{add: map[string]bool{}, allow: map[string]bool{"session.id": true}}
	for _, word := range cfg.Add {
		s.add[strings.ToLower(word)] = true
	}
	s.learnEnds()
	for _, key := range cfg.Allow {
		s.allow[strings.ToLower(key)] = true
	}
	return s
}

// has reports whether key names a secret.
func (s *secretKeys) has(key string) bool {
	if s == nil || len(key) < 2 || len(key) > maxKey || !s.mayEnd(key) {
		return false
	}
	if is, ok := s.known.get(key); ok {
		return is
	}
	is := s.find(key)
	s.known.put(key, is)
	return is
}

// learnEnds learns the last two bytes of all words that may end the key of a secret.
func (s *secretKeys) learnEnds() {
	learn := func(word string) {
		word = strings.TrimRight(word, digits)
		if len(word) == 1 { // b64
			for before := range s.ends {
				s.ends[before][word[0]] = true
			}
		}
		if len(word) < 2 {
			return
		}
		s.ends[word[len(word)-2]][word[len(word)-1]] = true
	}
	for _, words := range []map[string]bool{secretWords, secretPairs, details, s.add, {"pass": true}} {
		for word := range words {
			learn(word)
		}
	}
	for _, word := range compounds {
		learn(word)
	}
}

// mayEnd reports whether key ends as that of a secret may. Names, which are before
// many a colon, mostly do not, and are not to be remembered as keys are.
func (s *secretKeys) mayEnd(key string) bool {
	return s.endsIn(key) || strings.IndexByte(key, '%') >= 0
}

const digits = "0123456789"

// endsIn reports whether the last letters of key are those of a word that was learnt.
func (s *secretKeys) endsIn(key string) bool {
	end := len(key)
	for end > 1 && (class[key[end-1]]&(inWord|isDigit) != inWord || class[key[end-1]]&isDash != 0 || key[end-1] == '.' || key[end-1] == '_') {
		if key[end-1] >= 0x80 {
			return true
		}
		end--
	}
	return end > 1 && s.ends[lower(key[end-2])][lower(key[end-1])]
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func (s *secretKeys) find(key string) bool {
	if strings.IndexByte(key, '%') >= 0 { // in a URL: user%5Bpassword%5D
		if plain, err := url.QueryUnescape(key); err == nil {
			key = plain
		}
	}
	if strings.ContainsAny(key, "\"'{}=<>*\n") || strings.Contains(key, ": ") || s.allow[strings.ToLower(key)] {
		return false
	}
	words := activity.Words(key)
	for len(words) > 1 && details[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	if secretWords[last] || s.add[last] {
		return true
	}
	if name := strings.TrimRight(last, digits); name != "" { // password2
		last = name
	}
	if secretWords[last] || s.add[last] {
		return true
	}
	if len(words) == 1 && last == "pass" { // not boarding_pass
		return true
	}
	if len(words) > 1 && secretPairs[words[len(words)-2]+" "+last] {
		return true
	}
	return slices.ContainsFunc(compounds, func(end string) bool { return strings.HasSuffix(last, end) })
}

// isHeader reports whether key is the name of a secret header. In a list of words, the
// value follows a header, but not any other word.
func (s *secretKeys) isHeader(key string) bool {
	return s.has(key) && (strings.IndexByte(key, '-') > 0 || takesLine(key))
}

// takesLine reports whether the value of a header continues to the end of the line, even
// if it contains quotation marks or commas.
func takesLine(key string) bool {
	words := activity.Words(key)
	last := words[len(words)-1]
	return last == "authorization" || last == "cookie"
}

// names are keys whose value is a key, and values are keys of the value next to it:
// {"name": "password", "value": "x"}, <input name="password" value="x">.
var (
	names  = map[string]bool{"name": true, "key": true, "field": true, "header": true, "param": true, "attribute": true, "property": true}
	values = map[string]bool{"value": true, "values": true, "val": true, "content": true, "data": true, "text": true, "old": true, "new": true, "from": true, "to": true, "before": true, "after": true}
)

// isNaming reports whether the value of a key is the name of what is next to it.
func isNaming(key string) bool {
	return len(key) >= len("key") && len(key) <= len("attribute") && names[strings.ToLower(key)]
}
