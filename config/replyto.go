package config

import (
	"slices"
	"strings"
)

// replyModes are whom the bot may be told to answer.
var replyModes = []string{"all", "listed", "none"}

// completeReplyTo fills in from the variables whom the bot of a hotel answers.
func (c *Config) completeReplyTo(p *Property) {
	if p.ReplyTo == "" {
		p.ReplyTo = c.Guests.ReplyTo
	}
	p.ReplyTo = strings.ToLower(p.ReplyTo)
	if len(p.ReplyToNumbers) == 0 {
		p.ReplyToNumbers = c.Guests.ReplyToNumbers
	}
}

// validateReplyTo checks whom the bot of a hotel answers.
func (p *Property) validateReplyTo(found *problems) {
	mode, numbers := p.name("REPLY_TO", "reply_to"), p.name("REPLY_TO_NUMBERS", "reply_to_numbers")
	if p.ReplyTo != "" && !slices.Contains(replyModes, p.ReplyTo) {
		found.add(mode, "is not known", "write all, listed (with REPLY_TO_NUMBERS) or none")
	}
	if p.ReplyTo == "listed" && len(p.ReplyToNumbers) == 0 {
		found.add(numbers, "is empty beside reply_to listed", "list the numbers that the bot answers, digits with country code, or write none")
	}
	for _, n := range p.ReplyToNumbers {
		if !digits(strings.TrimPrefix(n, "+")) {
			found.add(numbers, "holds what is no number", "write digits with country code, as 5492944550199")
		}
	}
}
