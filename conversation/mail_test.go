package conversation

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoMail checks which texts say that there is no e-mail address, or none to be given.
func TestNoMail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"no tengo mail": true, "No tengo e-mail": true, "no tengo un correo": true, "no uso mail, perdón": true, "sin mail": true, "sin correo": true,
		"no manejo correo electrónico": true, "no quiero dar mi mail": true, "prefiero no dejar el correo": true, "sacá el mail": true, "quitá mi correo": true,
		"borra el mail": true, "no tengo casilla": true,
		"I have no e-mail": true, "I don't have an email": true, "i dont have email": true, "no email": true, "without e-mail please": true, "remove my email": true,
		"I'd rather not give my email": true, "we have no email address": true,
		"no tengo ese mail, es ana@correo.test": false, "mi mail es ana@correo.test": false, "cambiar el mail": false, "my email": false, "no, el mail es otro": false,
		"no tengo tarjeta": false, "I don't have that email any more": false,
	} {
		require.Equal(t, want, hasNoMail.MatchString(fold(text)), text)
	}
}
