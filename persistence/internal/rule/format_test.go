package rule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

func TestAReleaseIsReadByTheOneBefore(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, rule.FormatNeeds, rule.FormatReads, "what we write, we read")
	require.GreaterOrEqual(t, rule.FormatNeeds, rule.FormatReads-1, "a format is written by the release after the one that first reads it")
}

func TestCheckFormat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reads int64
		needs string
		code  string
		fails bool
	}{
		"a store before there were formats": {1, "", "", false},
		"ours":                              {2, "2", "", false},
		"of the release before":             {2, "1", "", false},
		"of a newer release":                {2, "3", "newer", true},
		"of nobody":                         {2, "three", "", true},
		"half a copy":                       {2, rule.FormatOfACopy, "", true},
		"below the first":                   {2, "0", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := rule.CheckFormat("test", c.reads, []byte(c.needs))
			if !c.fails {
				require.NoError(t, err)
				return
			}
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
			require.Equal(t, c.code, hotel.AsError(err).Code)
		})
	}
	require.ErrorContains(t, rule.CheckFormat("test", 2, []byte("3")), "reads format 3, this one reads up to format 2", "both are named")
}

func TestTheFormatThatAStoreNeedsOnlyRises(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kept    string
		needs   int64
		next    string
		changed bool
	}{
		{"", 1, "1", true}, {"", 2, "2", true}, {"1", 2, "2", true}, {"2", 2, "2", false}, {"3", 2, "3", false}, {"?", 2, "?", false},
	} {
		next, changed := rule.NextFormat([]byte(c.kept), c.needs)
		require.Equal(t, c.next, string(next), c)
		require.Equal(t, c.changed, changed, c)
	}
}

func TestOnlyAdds(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"CREATE TABLE a (n int NOT NULL);\n-- +goose Down\nDROP TABLE a;",
		"ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0; -- never DROP TABLE",
		"ALTER TABLE a ADD COLUMN b text;",
		"CREATE INDEX i ON a (b); DROP INDEX j;",
		"ALTER TABLE a ALTER COLUMN b SET STATISTICS 0;",
	} {
		require.NoError(t, rule.OnlyAdds(good), good)
	}
	for _, bad := range []string{
		"DROP TABLE a;", "ALTER TABLE a DROP COLUMN b;", "ALTER TABLE a RENAME TO b;", "alter table a rename column b to c;",
		"ALTER TABLE a ALTER COLUMN b TYPE text;", "ALTER TABLE a ADD COLUMN b int NOT NULL;",
	} {
		require.Error(t, rule.OnlyAdds(bad), bad)
	}
}
