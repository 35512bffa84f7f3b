package redis

import "github.com/conserje/conserje/hotel"

// AnswerKey is the key of a question's answer.
func AnswerKey(c *Client, q hotel.Question) string { return c.answerKey(q) }
