package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/joho/godotenv"
)

const fileSuffix = "_FILE" // NAME_FILE names a file that holds a secret

// raw is what the sources said, merged.
type raw struct {
	text   map[string]string
	source map[string]Source
	file   map[string]string // the files that secrets were read from
	open   map[string]bool   // those that everybody on the machine may read, by their variable
	all    map[string]string // the environment and .env whole, for the names that hotels' files give
}

// merge lays the sources over each other, the strongest last.
func (o Options) merge(found *problems) raw {
	r := raw{text: map[string]string{}, source: map[string]Source{}, file: map[string]string{}, open: map[string]bool{}, all: map[string]string{}}
	r.lay(FromProgram, o.Defaults, found)
	if o.File != "" {
		r.lay(FromYAML, readSettings(o.File, found), found)
	}
	if o.EnvFile != "" {
		r.layOpen(FromEnvFile, readEnvFile(o.EnvFile, found), found)
	}
	r.layOpen(FromEnvironment, env.ToMap(o.Env), found)
	for name := range o.Flags {
		if !knownSetting(name) {
			found.add("--set "+name, "no such variable", "see the table in README.md for the names"+nearest(name))
		}
	}
	r.lay(FromFlag, o.Flags, found)
	return r
}

// layOpen lays a source that holds other programs' variables too.
func (r raw) layOpen(s Source, values map[string]string, found *problems) {
	for k, v := range values {
		r.all[k] = v
	}
	r.lay(s, values, found)
}

func (r raw) lay(s Source, values map[string]string, found *problems) {
	for _, f := range Fields() {
		value, set := values[f.Name]
		path, byFile := values[f.Name+fileSuffix]
		if f.Secret && byFile && path != "" {
			if set && value != "" {
				found.add(f.Name, "set both itself and by "+f.Name+fileSuffix, "keep one of the two")
			}
			value, set = r.readSecret(f.Name+fileSuffix, path, found), true
		}
		if !set {
			continue
		}
		r.text[f.Name], r.source[f.Name] = value, s
		delete(r.file, f.Name)
		if f.Secret && byFile && path != "" {
			r.file[f.Name] = path
		}
	}
}

// readSecret reads a secret's file. What it holds is never in an error.
func (r raw) readSecret(name, path string, found *problems) string {
	data, err := os.ReadFile(path)
	if err != nil {
		found.add(name, "the file "+path+" cannot be read: "+errors.Unwrap(err).Error(), "name a file that this user may read")
		return ""
	}
	value := strings.TrimSpace(string(data))
	if value == "" {
		found.add(name, "the file "+path+" is empty", "write the secret into it, or leave "+name+" out")
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		r.open[name] = true
	}
	return value
}

// readEnvFile reads a .env file. godotenv's errors quote the line, which may hold a secret: they are not passed on.
func readEnvFile(path string, found *problems) map[string]string {
	values, err := godotenv.Read(path)
	if err == nil {
		return values
	}
	if _, errPath := errors.AsType[*os.PathError](err); errPath {
		found.add(path, "cannot be read", "name a readable file, or leave --env-file out")
		return nil
	}
	found.add(path, "is no list of NAME=value lines", "quote values that hold spaces or quotes")
	return nil
}

// readSettings reads a YAML file that maps variables, in either case, to values.
func readSettings(path string, found *problems) map[string]string {
	data, err := os.ReadFile(path)
	if err != nil {
		found.add(path, "cannot be read", "name a readable file, or leave --config out")
		return nil
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		found.add(yamlPlace(path, err), yamlMessage(err), "write `name: value` lines")
		return nil
	}
	out := map[string]string{}
	for _, pair := range pairs(body(file)) {
		name := strings.ToUpper(keyOf(pair))
		if !knownSetting(name) {
			found.add(place(path, pair, keyOf(pair)), "no such setting", "see the table in README.md for the names"+nearest(name))
			continue
		}
		out[name] = scalar(pair.Value)
	}
	return out
}

func knownSetting(name string) bool {
	base, isFile := strings.CutSuffix(name, fileSuffix)
	return slices.ContainsFunc(Fields(), func(f Field) bool { return f.Name == name || isFile && f.Secret && f.Name == base })
}

// nearest suggests a variable that shares the longest beginning, when it is a long one.
func nearest(name string) string {
	best, shared := "", 5
	for _, n := range names() {
		if k := commonPrefix(n, name); k > shared {
			best, shared = n, k
		}
	}
	if best == "" {
		return ""
	}
	return " (" + best + "?)"
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// scalar is a node as its variable would hold it: a sequence is joined with commas.
func scalar(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return ""
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.SequenceNode:
		parts := make([]string, len(n.Values))
		for i, v := range n.Values {
			parts[i] = scalar(v)
		}
		return strings.Join(parts, ",")
	default:
		return n.GetToken().Value
	}
}

// into parses the texts into the settings, group by group: within one the parser's field names are unique.
func (r raw) into(c *Config, found *problems) {
	options := env.Options{Environment: r.text, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[time.Duration](): func(s string) (any, error) { return parseDuration(s) },
	}}
	root := reflect.ValueOf(&c.Settings).Elem()
	for i := range root.NumField() {
		group := root.Field(i)
		found.parse(group.Type(), env.ParseWithOptions(group.Addr().Interface(), options))
	}
	for _, s := range slots(&c.Settings) {
		source, set := r.source[s.Name]
		if !set {
			continue
		}
		if r.text[s.Name] == "" && !emptyMeansNothing(s.value) {
			continue // an empty number, duration or switch means its default
		}
		if r.text[s.Name] == "" {
			s.value.SetZero()
		}
		c.sources[s.Name] = source
	}
}

func emptyMeansNothing(v reflect.Value) bool {
	return v.Kind() == reflect.String || v.Kind() == reflect.Slice
}

// parse turns the parser's errors into problems that name the variable.
func (ps *problems) parse(group reflect.Type, err error) {
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return
	}
	for _, e := range all.Errors {
		bad, ok := errors.AsType[env.ParseError](e)
		if !ok {
			ps.add("configuration", e.Error(), "report this")
			continue
		}
		f, _ := group.FieldByName(bad.Name)
		ps.add(f.Tag.Get("env"), "is no "+kindName(bad.Type), "write "+kindExample(bad.Type))
	}
}

func kindName(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "duration"
	}
	if t == reflect.TypeFor[Size]() {
		return "size"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "switch"
	case reflect.Int:
		return "whole number"
	default:
		return "number"
	}
}

func kindExample(t reflect.Type) string {
	switch kindName(t) {
	case "duration":
		return "a duration as 90s, 10m, 2h, 30d, or seconds as a number"
	case "size":
		return "a size as 200MB, 1GB, or a number of bytes"
	case "switch":
		return "true or false"
	default:
		return fmt.Sprintf("a %s as %v", kindName(t), 8)
	}
}
