package config

import "time"

// Settings is every variable. A field's tags are its variable, what it means,
// and, where one is expected, an example; its default is in Defaults.
type Settings struct {
	General   General   `group:"The process"`
	HTTP      HTTP      `group:"The public listener"`
	Admin     Admin     `group:"The admin pages"`
	WhatsApp  WhatsApp  `group:"WhatsApp"`
	PMS       PMS       `group:"The hotel system (QloApps)"`
	Gmail     Gmail     `group:"Mail by Gmail"`
	SMTP      SMTP      `group:"Mail by SMTP (fallback)"`
	Staff     Staff     `group:"The people who help"`
	Operator  Operator  `group:"The people who run the engine"`
	Hotel     Hotel     `group:"The hotel, when there is no YAML file for it"`
	Guests    Guests    `group:"Conversations"`
	Retention Retention `group:"How long things are kept (0 = for ever)"`
	Postgres  Postgres  `group:"PostgreSQL (nothing set = the embedded store in DATA_DIR)"`
	Redis     Redis     `group:"Redis, for several engines (nothing set = each by itself)"`
}

// General is about the process as a whole.
type General struct {
	Environment  string `env:"ENVIRONMENT" doc:"development, test, staging or production. production refuses to start on unsafe settings and logs JSON."`
	Debug        bool   `env:"DEBUG" doc:"Log at debug level. Refused in production."`
	LogLevel     string `env:"LOG_LEVEL" doc:"debug, info, warning or error."`
	DataDir      string `env:"DATA_DIR" doc:"Folder of the embedded store, the admin token and the demo's state. One engine at a time holds its lock."`
	DiskMinFree  Size   `env:"DISK_MIN_FREE" doc:"With less than this free under DATA_DIR the engine is not ready and the webhook answers 503, before a write fails: 200MB, 1GB, or bytes. 0 = off."`
	CarefulAfter int    `env:"CAREFUL_AFTER" doc:"After so many unclean starts within 5 minutes turns run one by one, and the guest whose turn the engine dies of is parked. 0 = off: for who kills engines on purpose."`
	HotelConfig  List   `env:"HOTEL_CONFIG" doc:"YAML files of hotels, or folders of them, separated by commas. See docs/hotel-yaml.md." example:"/etc/conserje/hotels"`
}

// HTTP is the listener that Meta, load balancers and scrapers reach.
type HTTP struct {
	Addr            string        `env:"HTTP_ADDR" doc:"Address of the public listener: webhook, health, metrics."`
	Port            int           `env:"PORT" doc:"Short for HTTP_ADDR=:PORT, as hosting platforms set it. HTTP_ADDR wins when both are set." example:"8002"`
	InboxHighWater  int           `env:"INBOX_HIGH_WATER" doc:"Unconsumed messages above which the webhook answers 503, so that Meta retries. 0 = off."`
	MetricsToken    Secret        `env:"METRICS_TOKEN" doc:"When set, /metrics demands it as Bearer token."`
	DrainTimeout    time.Duration `env:"DRAIN_TIMEOUT" doc:"How long a stop may take to finish the turns in hand."`
	CORSOrigins     List          `env:"CORS_ALLOWED_ORIGINS" doc:"Origins that may read the public answers from a browser, separated by commas. Empty = none." example:"https://panel.example.com"`
	COOP            bool          `env:"COOP_ENABLED" doc:"Send Cross-Origin-Opener-Policy: same-origin."`
	COEP            bool          `env:"COEP_ENABLED" doc:"Send Cross-Origin-Embedder-Policy: require-corp."`
	CheckDBReady    bool          `env:"CHECK_DB_IN_READINESS" doc:"/health/ready asks the store."`
	CheckRedisReady bool          `env:"CHECK_REDIS_IN_READINESS" doc:"/health/ready asks Redis too. Off by default: an engine works without it."`
	CheckPMSReady   bool          `env:"CHECK_PMS_IN_READINESS" doc:"/health/ready asks the hotel system too. Off by default: an outage there must not stop messages from being accepted."`
}

// Admin is the second listener, for browsers and for the commands that change something.
type Admin struct {
	Addr     string `env:"ADMIN_ADDR" doc:"Address of the admin pages. Anything but loopback needs ADMIN_PASSWORD."`
	Password Secret `env:"ADMIN_PASSWORD" doc:"Password of the admin pages. Empty = loopback only."`
	URL      string `env:"ADMIN_URL" doc:"Address under which people and commands reach the admin pages; it stands in alerts. Empty = the address that ADMIN_ADDR listens on." example:"https://conserje.example.com"`
}

// WhatsApp is Meta's Cloud API.
type WhatsApp struct {
	APIURL            string        `env:"WHATSAPP_API_URL" doc:"Graph API. A version in it (https://graph.facebook.com/v26.0) wins over WHATSAPP_GRAPH_VERSION."`
	GraphVersion      string        `env:"WHATSAPP_GRAPH_VERSION" doc:"Graph API version, when WHATSAPP_API_URL has none."`
	PhoneNumberID     string        `env:"WHATSAPP_PHONE_NUMBER_ID" doc:"phone_number_id of the environment's property." example:"106540352242922"`
	BusinessAccountID string        `env:"WHATSAPP_BUSINESS_ACCOUNT_ID" doc:"WhatsApp Business Account id of the environment's property: kept, not used yet." example:"102290129340398"`
	AccessToken       Secret        `env:"WHATSAPP_ACCESS_TOKEN" doc:"Token of the Graph API: a system user's, which does not expire."`
	AppSecret         Secret        `env:"WHATSAPP_APP_SECRET" doc:"Secret of the Meta app; webhooks must be signed with it. Without one unsigned webhooks are taken, which production refuses."`
	VerifyToken       Secret        `env:"WHATSAPP_WEBHOOK_VERIFY_TOKEN" doc:"Token that Meta repeats when it verifies the webhook's address."`
	VerifyTokenOld    Secret        `env:"WHATSAPP_VERIFY_TOKEN" doc:"Older name of WHATSAPP_WEBHOOK_VERIFY_TOKEN, used when that is not set."`
	PerSecond         int           `env:"WHATSAPP_MESSAGES_PER_SECOND" doc:"Messages a second that Meta allows a number (80; 1000 on the higher tier)."`
	PairBurst         int           `env:"PAIR_BURST" doc:"Messages that may go to one guest at once, before PAIR_INTERVAL holds."`
	PairInterval      time.Duration `env:"PAIR_INTERVAL" doc:"One message to one guest in this time, after the burst."`
	InDoubtWait       time.Duration `env:"IN_DOUBT_WAIT" doc:"How long a send whose outcome is unknown waits for a status before it is repeated."`
	Timeout           time.Duration `env:"WHATSAPP_TIMEOUT" doc:"Longest time for one request to the Graph API."`
}

// PMS is the hotel system.
type PMS struct {
	Type          string        `env:"PMS_TYPE" doc:"qloapps, or mock: a QloApps stand-in on loopback behind the same client. Refused in production."`
	BaseURL       string        `env:"PMS_BASE_URL" doc:"QloApps' address, without /api." example:"https://pms.example.com"`
	APIKey        Secret        `env:"PMS_API_KEY" doc:"QloApps' webservice key (32 characters)."`
	AuthToken     Secret        `env:"PMS_AUTH_TOKEN" doc:"Bearer token of a proxy in front of QloApps; sent only with PMS_AUTH_PROXY=true."`
	AuthProxy     bool          `env:"PMS_AUTH_PROXY" doc:"Send PMS_AUTH_TOKEN as Bearer, and the key as ws_key."`
	HotelID       int           `env:"PMS_HOTEL_ID" doc:"QloApps' id_hotel of the environment's property."`
	Timeout       time.Duration `env:"PMS_TIMEOUT" doc:"Longest time for an availability, in seconds. Other reads have as long, and 5 s at most; a booking that is being made, changed or cancelled always has 30 s."`
	CreateSettles time.Duration `env:"CREATE_SETTLES" doc:"How long after it left a booking request whose outcome is unknown may still become a booking: until then it is looked up, then it is made once more."`
	Poll          time.Duration `env:"PMS_POLL" doc:"How often each hotel system is asked what others have changed. 0 = never."`
	NoEmailDomain string        `env:"NO_EMAIL_DOMAIN" doc:"QloApps wants an e-mail for each booking: a guest without one stands there under a made-up address in this domain, and is mailed nothing. off = who gives no e-mail cannot book." example:"sin-correo.hotel.example.com"`
	MaxInFlight   int           `env:"PMS_MAX_IN_FLIGHT" doc:"Requests in flight to one hotel system."`
	Rate          float64       `env:"PMS_RATE" doc:"Requests a second to one hotel system. 0 = no limit."`
	BreakerFails  int           `env:"BREAKER_FAILURES" doc:"Failures in a row that open a circuit breaker."`
	BreakerFor    time.Duration `env:"BREAKER_OPEN_FOR" doc:"How long a breaker stays open before it is probed."`
	CacheFree     time.Duration `env:"CACHE_AVAILABILITY" doc:"How long an availability is kept. A booking always asks anew."`
	CacheRooms    time.Duration `env:"CACHE_ROOM_DETAILS" doc:"How long room types are kept."`
	CacheProfiles time.Duration `env:"CACHE_GUEST_PROFILE" doc:"How long a guest's profile of the hotel system is kept. No conversation asks it yet: a typed e-mail fills in nobody's data."`
	CacheStatus   time.Duration `env:"CACHE_RESERVATION_STATUS" doc:"How long a reservation's status is kept."`
}

// Gmail is the Gmail API.
type Gmail struct {
	ClientID     string `env:"GMAIL_CLIENT_ID" doc:"OAuth client id." example:"1234-abcd.apps.googleusercontent.com"`
	ClientSecret Secret `env:"GMAIL_CLIENT_SECRET" doc:"OAuth client secret."`
	RefreshToken Secret `env:"GMAIL_REFRESH_TOKEN" doc:"Refresh token of the sending account, scope gmail.send."`
	From         string `env:"GMAIL_FROM_EMAIL" doc:"Address that confirmations come from." example:"reservas@hotel.example.com"`
	PerMinute    int    `env:"GMAIL_PER_MINUTE" doc:"Mails a minute that the account may send: 54 keeps below 6,000 quota units; older Google projects have 15,000. -1 = no limit of ours."`
	APIURL       string `env:"GMAIL_API_URL" doc:"Other address of the Gmail API, for a stand-in. Empty = Google's."`
	TokenURL     string `env:"GMAIL_TOKEN_URL" doc:"Other address of the OAuth token endpoint, for a stand-in. Empty = Google's."`
}

// SMTP is the way out when Gmail's API is closed for good.
type SMTP struct {
	Host             string `env:"SMTP_HOST" doc:"SMTP server. Best another provider than Gmail: one account has one daily limit."`
	Port             int    `env:"SMTP_PORT" doc:"587 (STARTTLS) or 465 (TLS)."`
	Username         string `env:"SMTP_USERNAME" doc:"SMTP user. Empty = GMAIL_USERNAME."`
	Password         Secret `env:"SMTP_PASSWORD" doc:"SMTP password. Empty = GMAIL_APP_PASSWORD."`
	From             string `env:"SMTP_FROM" doc:"Address that mails by SMTP come from. Empty = the SMTP user."`
	GmailUsername    string `env:"GMAIL_USERNAME" doc:"Gmail account of the fallback, with GMAIL_APP_PASSWORD." example:"hotel@gmail.com"`
	GmailAppPassword Secret `env:"GMAIL_APP_PASSWORD" doc:"App password (16 letters) of GMAIL_USERNAME."`
}

// Staff is who is told when a person is needed.
type Staff struct {
	Emails       List   `env:"STAFF_EMAILS" doc:"Staff mailboxes of properties that name none, separated by commas." example:"recepcion@hotel.example.com"`
	WhatsApp     List   `env:"STAFF_WHATSAPP" doc:"Staff WhatsApp numbers of properties that name none, digits with country code." example:"5492944550199"`
	Template     string `env:"STAFF_TEMPLATE" doc:"Approved template for alerts to staff by WhatsApp (one body parameter). Empty = mail only."`
	TemplateLang string `env:"STAFF_TEMPLATE_LANG" doc:"Language under which STAFF_TEMPLATE is registered." example:"es_AR"`
}

// Operator is who runs this engine, apart from the hotel's staff.
type Operator struct {
	Emails      List          `env:"OPERATOR_EMAILS" doc:"Who runs this engine: told of trouble with the engine itself, and when staff do not answer." example:"ops@example.com"`
	WebhookURL  Secret        `env:"ALERT_WEBHOOK_URL" doc:"The same by POST of JSON {text, cause, property, at}, as the incoming webhooks of chat programs take it. https, or http on loopback. Each alert tries both ways, once per cause, property and hour."`
	OldestAlert time.Duration `env:"ALERT_OLDEST_AFTER" doc:"The operator is told when the oldest unanswered message, or the oldest message, booking or mail that might leave, waits this long."`
	AwayAlert   time.Duration `env:"ALERT_AWAY_AFTER" doc:"The operator is told when the hotel system, WhatsApp or the store does not answer for this long."`
}

// Hotel is the environment's property.
type Hotel struct {
	Name          string  `env:"HOTEL_NAME" doc:"Name of the hotel, as guests read it." example:"Posada del Cerro"`
	Address       string  `env:"HOTEL_ADDRESS" doc:"Street address." example:"Av. Bustillo 4200, Bariloche"`
	Phone         string  `env:"HOTEL_PHONE" doc:"Reception's phone." example:"+54 294 455-0100"`
	Latitude      float64 `env:"HOTEL_LATITUDE" doc:"Latitude, for the map link." example:"-41.1335"`
	Longitude     float64 `env:"HOTEL_LONGITUDE" doc:"Longitude, for the map link." example:"-71.3103"`
	Country       string  `env:"COUNTRY" doc:"Country of the hotel, ISO 3166 alpha-2. Decides the Spanish that is spoken (voseo in AR) and how phone numbers are read."`
	Currency      string  `env:"CURRENCY" doc:"Currency of the prices, ISO 4217."`
	Locale        string  `env:"LOCALE" doc:"First language of the hotel; the other one is spoken with guests who write it."`
	TaxIncluded   bool    `env:"TAX_INCLUDED" doc:"Whether the hotel says its prices with taxes in."`
	BusinessStart string  `env:"BUSINESS_HOURS_START" doc:"From when people answer, HH:MM or an hour, every day."`
	BusinessEnd   string  `env:"BUSINESS_HOURS_END" doc:"Until when; before the start means past midnight."`
	Zone          string  `env:"BUSINESS_HOURS_TIMEZONE" doc:"Time zone of the hotel, IANA name."`
}

// Guests is how conversations live.
type Guests struct {
	PassivateAfter time.Duration `env:"PASSIVATE_AFTER" doc:"A guest who is quiet this long leaves memory; the next message brings them back."`
	QuietWindow    time.Duration `env:"QUIET_WINDOW" doc:"How long more is waited for after a bare greeting or a beginning, so that a burst of bubbles is answered once; 0 = not at all."`
	ReplyTo        string        `env:"REPLY_TO" doc:"Whom the bot answers: all, listed (REPLY_TO_NUMBERS only) or none, for the first week. Everyone else is taken, kept and handed to the staff. See docs/pause.md."`
	ReplyToNumbers List          `env:"REPLY_TO_NUMBERS" doc:"Numbers that REPLY_TO=listed answers, digits with country code, separated by commas." example:"5492944550199,34600111222"`
	ResumeAfter    time.Duration `env:"HANDOFF_RESUME_AFTER" doc:"After the staff's last word and this time, the engine answers again."`
}

// Retention is how long things are kept after they were done with.
type Retention struct {
	Seen       time.Duration `env:"RETENTION_SEEN" doc:"Hashes of message ids, for deduplication. At least 8d: Meta redelivers for 7."`
	Inbox      time.Duration `env:"RETENTION_INBOX" doc:"Messages that were answered."`
	Outbox     time.Duration `env:"RETENTION_OUTBOX" doc:"Sends that are settled."`
	Transcript time.Duration `env:"RETENTION_TRANSCRIPT" doc:"What was said, for people."`
	Dead       time.Duration `env:"RETENTION_DEAD" doc:"Dead letters that are closed, and those of webhooks, open or closed."`
}

// Postgres is the store that several engines may share.
type Postgres struct {
	URL              Secret        `env:"POSTGRES_URL" doc:"PostgreSQL, as postgresql://user:password@host:5432/database; postgresql+asyncpg://... is understood too." example:"postgresql://conserje:secret@db.example.com:5432/conserje?sslmode=verify-full"`
	DirectURL        Secret        `env:"POSTGRES_DIRECT_URL" doc:"The same database past its pooler, for migrations. Empty = POSTGRES_URL."`
	Host             string        `env:"POSTGRES_HOST" doc:"PostgreSQL's host, or the folder of its socket, instead of POSTGRES_URL."`
	Port             string        `env:"POSTGRES_PORT" doc:"Its port; empty = 5432."`
	DB               string        `env:"POSTGRES_DB" doc:"Its database."`
	User             string        `env:"POSTGRES_USER" doc:"Its user."`
	Password         Secret        `env:"POSTGRES_PASSWORD" doc:"Its password."`
	SSLMode          string        `env:"POSTGRES_SSLMODE" doc:"disable, require, verify-ca or verify-full, unless the URL says it. verify-full is what the internet needs."`
	SSLRootCert      string        `env:"POSTGRES_SSLROOTCERT" doc:"File of the authority that signed the server's certificate." example:"/etc/conserje/prod-ca.crt"`
	UseSupabase      bool          `env:"USE_SUPABASE" doc:"Defaults of Supabase's pooler: POSTGRES_EXEC_MODE=exec, 10 connections, TLS."`
	ExecMode         string        `env:"POSTGRES_EXEC_MODE" doc:"How statements travel: cache_statement, cache_describe, describe_exec, exec or simple. A pooler in transaction mode that keeps no prepared statements wants exec."`
	MaxConns         int           `env:"POSTGRES_MAX_CONNECTIONS" doc:"Connections of one engine at most."`
	MinConns         int           `env:"POSTGRES_MIN_CONNECTIONS" doc:"Connections that are kept open."`
	StatementTimeout time.Duration `env:"POSTGRES_STATEMENT_TIMEOUT" doc:"Longest time of one statement, set within each transaction."`
	Lease            time.Duration `env:"ENGINE_LEASE" doc:"An engine that is silent this long is taken over by another on the same database. Longer rides out longer pauses, shorter answers sooner after a crash."`
}

// Redis is what engines share besides the store: answers of the hotel system,
// and the pace of numbers and of the mail account. It may be away at any time.
type Redis struct {
	URL      Secret `env:"REDIS_URL" doc:"Redis, as redis://:password@host:6379/0; rediss:// is encrypted. Near: what takes over 50 ms is done without it."`
	Host     string `env:"REDIS_HOST" doc:"Redis host, when there is no REDIS_URL."`
	Port     string `env:"REDIS_PORT" doc:"Redis port beside REDIS_HOST; 6379 when empty."`
	Password Secret `env:"REDIS_PASSWORD" doc:"Redis password beside REDIS_HOST."`
	CAFile   string `env:"REDIS_CA_FILE" doc:"PEM file of who vouches for a rediss:// server; empty = the system's."`
	Prefix   string `env:"REDIS_PREFIX" doc:"Begins every key. Installations that share a Redis need one each; engines of one installation have the same."`
}

// Defaults returns the settings as they are when nothing is set.
func Defaults() Settings {
	const day = 24 * time.Hour
	return Settings{
		General: General{Environment: "development", LogLevel: "info", DataDir: "./data", DiskMinFree: 200_000_000, CarefulAfter: 3},
		HTTP: HTTP{Addr: ":8002", InboxHighWater: 20_000, DrainTimeout: 25 * time.Second,
			CheckDBReady: true},
		Admin: Admin{Addr: "127.0.0.1:8003"},
		WhatsApp: WhatsApp{APIURL: "https://graph.facebook.com", GraphVersion: "v26.0", PerSecond: 80,
			PairBurst: 45, PairInterval: 6 * time.Second, InDoubtWait: 20 * time.Second, Timeout: 15 * time.Second},
		PMS: PMS{Type: typeMock, HotelID: 1, Timeout: 10 * time.Second, CreateSettles: 60 * time.Second, Poll: 30 * time.Second,
			NoEmailDomain: "no-email.invalid", MaxInFlight: 4, Rate: 20,
			BreakerFails: 5, BreakerFor: 30 * time.Second, CacheFree: 300 * time.Second,
			CacheRooms: 3600 * time.Second, CacheProfiles: 1800 * time.Second, CacheStatus: 120 * time.Second},
		SMTP:     SMTP{Host: gmailSMTP, Port: 587},
		Staff:    Staff{TemplateLang: "es_AR"},
		Operator: Operator{OldestAlert: 5 * time.Minute, AwayAlert: 5 * time.Minute},
		Hotel: Hotel{Name: "Hotel", Country: "AR", Currency: "ARS", Locale: "es", TaxIncluded: true,
			BusinessStart: "08:00", BusinessEnd: "22:00", Zone: "America/Argentina/Buenos_Aires"},
		Guests:   Guests{PassivateAfter: 10 * time.Minute, QuietWindow: 700 * time.Millisecond, ReplyTo: "all", ResumeAfter: 2 * time.Hour},
		Redis:    Redis{Prefix: "conserje"},
		Postgres: Postgres{ExecMode: "cache_statement", MaxConns: 16, MinConns: 4, StatementTimeout: 10 * time.Second, Lease: 15 * time.Second},
		Retention: Retention{Seen: 10 * day, Inbox: 30 * day, Outbox: 30 * day,
			Transcript: 90 * day, Dead: 90 * day},
	}
}
