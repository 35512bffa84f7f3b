package config

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// body is the first document's top node; nil when the file is empty.
func body(f *ast.File) ast.Node {
	if len(f.Docs) == 0 {
		return nil
	}
	return f.Docs[0].Body
}

// pairs lists a mapping's pairs; anything else has none.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	default:
		return nil
	}
}

func keyOf(pair *ast.MappingValueNode) string {
	if s, ok := pair.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return pair.Key.GetToken().Value
}

// place names where a pair stands, as editors understand it.
func place(file string, pair *ast.MappingValueNode, field string) string {
	return fmt.Sprintf("%s:%d: %s", file, pair.Key.GetToken().Position.Line, field)
}

// lineOf finds the line of a field, or of the nearest field around it.
func lineOf(n ast.Node, path ...string) int {
	line := 1
	for _, step := range path {
		var next *ast.MappingValueNode
		for _, pair := range pairs(n) {
			if keyOf(pair) == step {
				next = pair
			}
		}
		if next == nil {
			return line
		}
		line, n = next.Key.GetToken().Position.Line, next.Value
	}
	return line
}

// yamlPlace names file and line of the parser's error.
func yamlPlace(file string, err error) string {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return fmt.Sprintf("%s:%d", file, e.GetToken().Position.Line)
	}
	return file
}

func yamlMessage(err error) string {
	if e, ok := errors.AsType[yaml.Error](err); ok {
		return e.GetMessage()
	}
	return "is no YAML"
}
