package nlu_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
)

func TestServeWritesTheContractsShape(t *testing.T) {
	t.Parallel()
	in := `{"id":"1","text":"Quiero reservar del 4 al 6 de marzo para dos","ref":"2026-11-24T10:00:00-03:00","lang":"es"}

{"id":"2","text":"$80.000 próximo viernes","ref":"2026-11-24"}
{"id":"3","text":""}`
	var out strings.Builder

	err := nlu.Serve(strings.NewReader(in), &out, nlu.Context{Ref: tuesday})

	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	require.JSONEq(t, `{"id":"1","lang":"es","intent":"make_reservation","sure":true,"topic":"book",
		"intents":[{"name":"make_reservation","score":0.93},{"name":"inform","score":0.76}],
		"dates":[{"text":"del 4 al 6 de marzo","at":16,"start":"2027-03-04","end":"2027-03-06","grain":"day","score":0.95,"alt":[]}],
		"numbers":[{"text":"dos","at":41,"value":2}],"money":[],"emails":[],"phones":[],
		"slots":{"check_in":"2027-03-04","check_out":"2027-03-06","nights":2,"guests":2}}`, lines[0])
	require.Contains(t, lines[1], `"money":[{"text":"$80.000","at":0,"value":80000,"currency":null}]`)
	require.Contains(t, lines[1], `"alt":[{"start":"2026-11-27","end":"2026-11-28"}]`)
	require.Contains(t, lines[2], `"intent":"out_of_scope","sure":false`)
}

func TestServeNamesLineAndFieldAndGoesOn(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		`{"id":"1","text":"hola"}`,
		`{"id":2,"text":"hola"}`,
		`{"text":"hola"}`,
		`{"id":"4"}`,
		`nonsense`,
		`{"id":"6","text":"hola","ref":"yesterday"}`,
		`{"id":"7","text":"hola","expect":"shoe_size"}`,
		`{"id":"8","text":"12","expect":"check_in","prev":"¿Qué día llegan?","country":"AR","ref":"2026-11-24T10:00"}`,
	}, "\n")
	var out strings.Builder

	err := nlu.Serve(strings.NewReader(in), &out, nlu.Context{Ref: tuesday})

	for _, want := range []string{`line 2: field "id"`, `line 3: field "id" is missing`, `line 4: field "text" is missing`, "line 5: ", `line 6: field "ref"`, `line 7: field "expect"`} {
		require.ErrorContains(t, err, want)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[1], `"check_in":"2026-12-12"`)
}

func TestServeReadsTheReferenceInTheHotelsTime(t *testing.T) {
	t.Parallel()
	mendoza := time.FixedZone("ART", -3*3600)
	var out strings.Builder

	err := nlu.Serve(strings.NewReader(`{"id":"1","text":"hoy","ref":"2026-11-25T01:00:00Z"}`), &out, nlu.Context{Zone: mendoza})

	require.NoError(t, err)
	require.Contains(t, out.String(), `"start":"2026-11-24"`, "it is still the evening before at the hotel")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }
func (broken) Read([]byte) (int, error)  { return 0, errors.New("disk gone") }

func TestServeReturnsFailuresOfItsPipes(t *testing.T) {
	t.Parallel()

	require.ErrorContains(t, nlu.Serve(strings.NewReader(`{"id":"1","text":"hola"}`), broken{}, nlu.Context{}), "pipe closed")
	require.ErrorContains(t, nlu.Serve(broken{}, &strings.Builder{}, nlu.Context{}), "disk gone")
}
