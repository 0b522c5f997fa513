package privacy

import (
	"slices"
	"strings"
	"unicode"
)

// secretWords are what a key of a secret ends with.
var secretWords = map[string]bool{
	"password": true, "passwd": true, "pwd": true, "passphrase": true, "passcode": true, "secret": true, "secrets": true,
	"token": true, "jwt": true, "apikey": true, "authorization": true, "cookie": true, "cookies": true, "credential": true,
	"credentials": true, "otp": true, "totp": true, "cvv": true, "cvv2": true, "cvc": true, "pin": true, "ssn": true, "sig": true,
	"sid": true, "sessid": true, "jsessionid": true, "phpsessid": true, "sessionid": true, "privatekey": true, "cardnumber": true,
	"secretkey": true, "accesskey": true, "mnemonic": true, "connectionstring": true,
}

// secretPairs are two words at the end of a key that are secret together.
var secretPairs = map[string]bool{
	"api key": true, "access key": true, "private key": true, "secret key": true, "signing key": true, "encryption key": true,
	"master key": true, "account key": true, "session key": true, "shared key": true, "license key": true, "card number": true, "auth code": true,
	"otp code": true, "totp code": true, "authorization code": true, "verification code": true, "recovery code": true, "backup code": true, "security code": true,
	"reset code": true, "security number": true, "connection string": true, "seed phrase": true, "recovery phrase": true, "session cookie": true,
}

// glued are what single words end with that were written together.
var glued = []string{"password", "passwd", "passphrase", "token", "secret", "apikey", "privatekey"}

// details are words behind the secret ones that change nothing.
var details = map[string]bool{
	"value": true, "raw": true, "text": true, "plain": true, "plaintext": true, "encoded": true, "base64": true, "b64": true, "hex": true,
	"hash": true, "hashed": true, "header": true, "new": true, "old": true, "current": true, "previous": true, "confirm": true,
	"confirmation": true, "confirmed": true, "repeat": true, "again": true, "1": true, "2": true,
}

// wordsOf returns the words of a key in lower case: of "X-Api-Key", "userApiKey",
// "http.request.header.api_key". Words in capitals stay whole.
func wordsOf(key string) []string {
	var words []string
	runes := []rune(key)
	start := 0
	end := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(string(runes[start:i])))
		}
		start = i
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) ||
			i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			end(i)
		}
	}
	end(len(runes))
	return words
}

// secretKeys knows keys of secrets.
type secretKeys struct {
	add   map[string]bool
	allow map[string]bool
	known memory[bool]
}

func newSecretKeys(cfg *SecretKeysConfig) *secretKeys {
	if !cfg.Enabled {
		return nil
	}
	s := &secretKeys{add: map[string]bool{}, allow: map[string]bool{"session.id": true}}
	for _, word := range cfg.Add {
		s.add[strings.ToLower(word)] = true
	}
	for _, key := range cfg.Allow {
		s.allow[strings.ToLower(key)] = true
	}
	return s
}

// has reports whether key names a secret.
func (s *secretKeys) has(key string) bool {
	if s == nil || key == "" || len(key) > maxKey {
		return false
	}
	if is, ok := s.known.get(key); ok {
		return is
	}
	is := s.find(key)
	s.known.put(key, is)
	return is
}

func (s *secretKeys) find(key string) bool {
	if strings.ContainsAny(key, "\"'{}:=<>\n") || s.allow[strings.ToLower(key)] {
		return false
	}
	words := wordsOf(key)
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
	if len(words) > 1 && secretPairs[words[len(words)-2]+" "+last] {
		return true
	}
	return slices.ContainsFunc(glued, func(end string) bool { return strings.HasSuffix(last, end) })
}

// maxKey is how long a key may be that is looked at: longer ones are no names.
const maxKey = 200
