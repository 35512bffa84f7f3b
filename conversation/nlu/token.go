package nlu

import (
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	wordToken tokenKind = iota + 1
	numberToken
	punctToken
)

// token is a run of letters, a run of digits, or one other sign.
type token struct {
	norm    string // folded: lower case, no accents, runs of three letters made one
	kind    tokenKind
	glued   bool   // no space before it
	taken   bool   // part of an e-mail, phone, code or name: no date, no number
	people  bool   // part of what counts who comes: no number of anything else
	known   bool   // the lexicon has it, as it is or after one edit
	lo, hi  int32  // bytes of the text
	at, end int32  // code points of the text
	entry   *entry // never nil
}

// maxTokens bounds the work on one message; what is beyond is not read.
const maxTokens = 1024

// fold maps a letter to its bare lower-case form, 0 for a combining mark.
func fold(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return r
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r >= 0x300 && r <= 0x36f, r == 0x200d, r == 0xfe0f:
		return 0
	case r < 0xc0:
		return r
	}
	r = unicode.ToLower(r)
	switch r {
	case 'á', 'à', 'â', 'ã', 'ä', 'å':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'í', 'ì', 'î', 'ï':
		return 'i'
	case 'ó', 'ò', 'ô', 'õ', 'ö':
		return 'o'
	case 'ú', 'ù', 'û', 'ü':
		return 'u'
	case 'ñ':
		return 'n'
	case 'ç':
		return 'c'
	}
	return r
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '´' || r == '`' }

// sign turns what stands for a word into that word.
func sign(r rune) string {
	switch r {
	case '👍', '👌', '✅', '✔':
		return "ok"
	case '👎', '❌':
		return "no"
	}
	return ""
}

// tokenize appends the text's tokens to toks; folded letters go to buf.
func tokenize(text string, toks []token, buf []byte) ([]token, []byte) {
	var at int32
	space := true
	for i := 0; i < len(text) && len(toks) < maxTokens; {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r) || r == 0 || r == 0xfe0f || r == 0x200d || r >= 0x1f3fb && r <= 0x1f3ff:
			space = space || unicode.IsSpace(r)
			i += size
			at++
			continue
		case r >= '0' && r <= '9':
			n := i
			for n < len(text) && text[n] >= '0' && text[n] <= '9' {
				n++
			}
			toks = append(toks, token{norm: text[i:n], kind: numberToken, entry: &noEntry, glued: !space,
				lo: int32(i), hi: int32(n), at: at, end: at + int32(n-i)})
			at += int32(n - i)
			i = n
		case unicode.IsLetter(r):
			var tok token
			tok, buf = wordAt(text, i, at, buf)
			tok.glued = !space
			toks = append(toks, tok)
			i, at = int(tok.hi), tok.end
		default:
			tok := token{norm: text[i : i+size], kind: punctToken, entry: &noEntry, glued: !space,
				lo: int32(i), hi: int32(i + size), at: at, end: at + 1}
			if w := sign(r); w != "" {
				tok.norm, tok.kind = w, wordToken
				tok.entry, tok.known = words.find(w)
			}
			toks = append(toks, tok)
			i += size
			at++
		}
		space = false
	}
	return toks, buf
}

// wordAt reads the word that begins at byte i. An apostrophe inside joins ("don't" is "dont").
func wordAt(text string, i int, at int32, buf []byte) (token, []byte) {
	tok := token{kind: wordToken, lo: int32(i), at: at}
	from, run := len(buf), 0
	var last rune
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if isApostrophe(r) {
			next, _ := utf8.DecodeRuneInString(text[i+size:])
			if !unicode.IsLetter(next) {
				break
			}
			i, at = i+size, at+1
			continue
		}
		f := fold(r)
		if f != 0 && !unicode.IsLetter(r) {
			break
		}
		i, at = i+size, at+1
		if f == 0 {
			continue
		}
		if f == last {
			run++
		} else {
			last, run = f, 1
		}
		buf = utf8.AppendRune(buf, f)
		if run == 3 { // "holaaa": a run of three is one letter
			buf = buf[:len(buf)-2*utf8.RuneLen(f)]
		}
		if run > 3 {
			buf = buf[:len(buf)-utf8.RuneLen(f)]
		}
	}
	tok.hi, tok.end = int32(i), at
	if raw := text[tok.lo:tok.hi]; raw == string(buf[from:]) {
		tok.norm = raw
		tok.entry, tok.known = words.find(raw)
		return tok, buf
	}
	var key string
	key, tok.entry, tok.known = words.intern(buf[from:])
	tok.norm = key
	return tok, buf
}
