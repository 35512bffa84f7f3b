package hotel

import "time"

// Trouble is something about the engine itself that whoever runs it must know.
// It holds no guest's data: it travels to places that are not ours.
type Trouble struct {
	Cause    TroubleCause
	Property PropertyID // empty: the engine as a whole
	Summary  string     // what is wrong, one English sentence
	At       time.Time  // when it was seen
	Repeated int        // how often it was seen since it was last told
}

// TroubleCause is what kind of trouble it is. Each is told once per property and hour.
type TroubleCause string

// The causes, which are also label values of conserje_operator_alerts_total.
const (
	TroubleNumber      TroubleCause = "whatsapp_refused" // WhatsApp refuses a number's token or configuration
	TroubleGraphAway   TroubleCause = "whatsapp_away"    // its breaker has been open for long
	TroublePMSRefused  TroubleCause = "pms_refused"      // the hotel system refuses our key
	TroublePMSAway     TroubleCause = "pms_away"         // its breaker has been open for long
	TroubleMailClosed  TroubleCause = "mail_closed"      // a mail account does not take our mails any more
	TroubleStoreAway   TroubleCause = "store_away"       // the store has not answered for long
	TroubleInboxStuck  TroubleCause = "inbox_stuck"      // the oldest unanswered message is too old
	TroubleOutboxStuck TroubleCause = "outbox_stuck"     // the oldest row that might leave is too old
	TroubleDeadLetters TroubleCause = "dead_letters"     // something will never be processed
	TroubleParked      TroubleCause = "guest_parked"     // a guest's messages make the engine fail
	TroubleUnclean     TroubleCause = "unclean_start"    // the engine did not end by itself the last time
	TroubleDisk        TroubleCause = "disk_low"         // little room is left for the data folder
	TroubleNewer       TroubleCause = "newer_snapshot"   // a guest's conversation was written by a newer release
	TroubleTwice       TroubleCause = "booked_twice"     // an order may stand that the guest did not hear of: a second one, or one without rooms
	TroubleDown        TroubleCause = "engine_down"      // no engine runs: only `conserje status` tells
	TroublePaused      TroubleCause = "paused"           // the bot is paused for all or one hotel: only `conserje status` tells
	TroubleUnanswered  TroubleCause = "staff_silent"     // a guest waits for a person and nobody of the staff writes
)

// Fix tells what a person does about it.
func (c TroubleCause) Fix() string {
	switch c {
	case TroubleNumber:
		return "Check WHATSAPP_ACCESS_TOKEN and the number in Meta's WhatsApp manager; messages leave by themselves once the token is taken."
	case TroubleTwice:
		return "Look in the hotel system for two orders with one reference, or one without rooms, and cancel what the guest did not hear of."
	case TroubleGraphAway:
		return "Check this machine's way out to graph.facebook.com, and Meta's status page; messages leave by themselves afterwards."
	case TroublePMSRefused:
		return "Check PMS_API_KEY and its permissions in QloApps (Advanced Parameters > Web service); what waits goes on by itself."
	case TroublePMSAway:
		return "Check that the hotel system answers at PMS_BASE_URL; what waits goes on by itself."
	case TroubleMailClosed:
		return "Look at the log line \"mail account closed\": it names the setting to renew (GMAIL_REFRESH_TOKEN, or SMTP_PASSWORD)."
	case TroubleStoreAway:
		return "Check the database, or the disk under DATA_DIR; Meta repeats what was not taken."
	case TroubleInboxStuck, TroubleOutboxStuck:
		return "Run `conserje status`, and look for errors in the log; restart the engine when nothing else explains it: nothing is lost by that."
	case TroubleDeadLetters:
		return "Run `conserje deadletters list`, then replay or drop each."
	case TroubleParked:
		return "Run `conserje handoff list`; once the cause is mended, `conserje handoff unpark GUEST` gives the guest back to the bot."
	case TroubleDown:
		return "Start it with `conserje serve`, or with the service manager; nothing was lost."
	case TroublePaused:
		return "People answer now; `conserje resume` lets the bot go on (`conserje pause list`)."
	case TroubleUnclean:
		return "Look at the end of the log before the restart: a crash, no memory left, or the machine itself."
	case TroubleDisk:
		return "Free or add disk space under DATA_DIR; webhooks are taken again by themselves, and Meta repeats what was refused."
	case TroubleNewer:
		return "Start the newer release again, or the one directly before it; those guests' messages wait in the inbox."
	case TroubleUnanswered:
		return "Ask the reception to answer: `conserje handoff list`, or the reception page."
	}
	return "Look at the log."
}
