"""Rules of high precision: what must not be missed, and what is too short for a model.

Rules: pure, in an order that matters, first match wins; every pattern is linear.
Opting out comes before everything, then danger, then a person. Courtesies around a
request are peeled off and kept apart, so that "hi, no, I want to cancel" is a
cancellation that was also a greeting and a no.
"""

import re

from voice.dialogue.intents.names import Intent

_PERSON = (
    r"(?:an? |the |some ?|any ?|your |one of your |another |someone|somebody|anyone|anybody"
    r"|actual |real |live |human |different |local |proper |senior )*"
)
_WHO = (
    r"(?:person|people|human|humans|human being|somebody|someone|anybody|anyone|representative|rep"
    r"|operator|agent|advisor|adviser|manager|supervisor|receptionist|reception|front desk|staff"
    r"|employee|team member|member of staff|member of (?:the|your) team|team|colleague|assistant"
    r"|technician|mechanic|service desk|service department|customer (?:service|support|care)|boss|owner"
    r"|clerk|guy|lady|man|woman|individual|operative|specialist|expert|consultant|human agent"
    r"|human operator|real one|service writer|department|concierge|housekeeper|somebody else"
    r"|someone else|support)"
)
_VERB = (
    r"(?:talk|speak|chat|spoke|talking|speaking|chatting|converse|discuss \w+(?: \w+){0,3}|deal"
    r"|connected|transferred|put through|get through|switched|passed|forwarded|communicate|a word"
    r"|a chat|interact|get in touch|be in touch|contact|get a hold)"
)
_DIRECT = r"(?:connect|transfer|forward|redirect|pass|hand|put|switch|patch|direct|refer|route)"

HUMAN = re.compile(
    rf"\b{_VERB}(?: directly| again| now| please| this| it| about \w+(?: \w+){{0,3}}?)? "
    rf"(?:to|with|of)(?: {_PERSON}\b)? ?(?:\w+ ){{0,2}}?{_WHO}s?\b"
    r"|\b(?:connect|transfer|forward|redirect|patch|switch) me\b"
    rf"|\b{_DIRECT} me (?:to|through|over|on to|onto|with) (?:an? |the |your |some)?{_WHO}\b"
    r"|\b(?:put|hand|pass|patch) me (?:through|over|along)\b"
    rf"|\b{_VERB} (?:to|with) (?:some|one|any|any one) of (?:you|your|the)\b"
    rf"|\b{_DIRECT} (?:this|my call|the call|us) (?:to|through|over)\b"
    rf"|\b(?:real|actual|live|living|human|physical) (?:person|human|people|agent|operator|being|one"
    rf"|rep|representative|advisor|assistant|someone|body)\b"
    rf"|\b(?:get|give|find|need|want|prefer|have|fetch|bring|reach|let me have|send me to|call)(?: me)?"
    rf" (?:an? |the |some |your |another )?(?:person|human|operator|representative|manager|supervisor"
    rf"|agent|advisor|somebody else|someone else|human being|real somebody)\b(?! (?:to (?:call|ring)|call))"
    rf"|\b(?:not|no|don't|rather|instead of|than|without|hate|tired of|never|won't)\b(?: [\w']+){{0,9}}?"
    rf" (?:robots?|bots?|machines?|computers?|automated|a\.?i\.?|recordings?|virtual assistants?"
    rf"|chat ?bots?)\b(?! call)"
    rf"|^(?:\w+ )?(?:an? )?(?:operator|representative|agent|human|person|real person|advisor|manager"
    rf"|supervisor|receptionist|customer (?:service|support|care)|reception|front desk|somebody real"
    rf"|someone else)(?: please| now)*$"
    rf"|\b(?:someone|somebody|anyone|anybody|person|human|people) (?:else|real|in charge|i can (?:talk"
    rf"|speak|chat)|to (?:talk|speak|chat)|from your)\b"
    rf"(?! (?:by|named|called|calling))"
    r"|\b(?:talk|speak|chat) (?:to|with) (?:the|your|my|a|an)\b(?! (?:car|vehicle|truck|machine|robot|bot|computer))"
    r"|\b(?:from|by|via|through|with) an? (?:real |live |human )?(?:agent|person|human|representative|advisor|manager)\b"
    # Anger at the conversation itself is answered by a person too.
    r"|\bthis (?:conversation|call|bot|system|thing|assistant|robot) (?:is|isn't|does|doesn't|makes|won't)(?: \w+){0,2}"
    r" (?:working|work|helping|help|useless|broken|stupid|nowhere|hopeless|sense)\b"
    r"|\b(?:you're|you are|this is) (?:useless|not helping|no help|hopeless|a waste of (?:my )?time|getting (?:me |us )?"
    r"nowhere|no use|driving me crazy)\b"
    r"|^(?:the |your |a )?(?:\w+ ){0,2}(?:team|department|desk|office|manager|reception|operator|supervisor) please$"
    rf"|\bspeak (?:to|with) [a-z]+ (?:in|at|from) (?:the )?(?:service|office|shop)\b"
)
_NATURE = (
    r"(?:real|human|humans|person|robot|bot|chatbot|machine|computer|an ai|a\.i|live person|alive|recording|automated"
    r"|someone real|somebody real|people|living|artificial)"
)
_ASKS_NATURE = re.compile(
    rf"\b(?:are|is|am|if|whether|were|be|can|could|you're|think|so|prove(?: that)?|you|sound like|sure|true) (?:not )?(?:you|your|this|it|i|you're"
    rf"|that you|that you're|that|i'm|sound|are|seem)\b(?: (?:not|be|voice|from|actually|really|just|even|speaking|talking|chatting|on|to"
    rf"|with|a|an|the|some|kind|of|like|are|am|is|be|sure|human or|here|now|the phone|dealing|sound|seem|person or|actual"
    r"|act|and|think|ai or|ai|live|either|actually a|truly|in fact|could))*"
    rf" {_NATURE}\b(?! (?:please|call|to talk))(?!.*\b(?:give|get|transfer|connect|want|need|let me)\b)"
    r"|^(?:so )?(?:real person|human|robot|bot|computer|machine) or (?:real|human|robot|bot|person|computer|machine|ai)\b"
)
OPT_OUT = re.compile(
    r"\b(?:stop|quit|cease|no more|don't|do not|never)(?: \w+){0,4}? (?:call|calls|calling|called"
    r"|texts?|texting|messages|messaging|contact|contacting|phoning|ringing|robocalls?|robo calls?)\b"
    r"(?! (?:back|me (?:back|before|after|until|at|on)|it off|the|off|you|a|for|my|was|did|and|today|until|before|after|him|her))"
    r"|\b(?:take|remove|delete|get|scratch|strike) (?:me|my (?:phone |cell )?number|this number|us|my name)"
    r" (?:off|from|out of (?:your|the) (?:list|system|database|records))\b(?! (?:the schedule|this appointment|of the schedule))"
    r"|\bdo not (?:call|contact) list\b|\bunsubscribe\b|\bopt(?:ing)?(?: me)? out\b|\blose (?:my|this) number\b"
    r"|\b(?:revoke|withdraw|take back)(?: my)? (?:consent|permission)\b|\b(?:remove|delete) my number\b"
    r"|\bdon't (?:ever )?(?:call|text|contact|phone|ring) (?:me|us|here|this)\b(?! (?:back|before|after|until|at (?:work|home)|on|during))"
    r"|^(?:please )?stop (?:it|this)? ?(?:calling|the calls|these calls)\b"
)
EMERGENCY = re.compile(
    r"\b(?:tow(?:ed|ing)? (?:truck|me|it|service|my)|need (?:a |to be )?tow(?:ed)?|a tow\b|roadside (?:assistance"
    r"|help)|stranded|broke(?:n)? down|broken down|(?:car|engine|truck|hood|vehicle|van|it|it's|is|caught) (?:\w+ )?on fire|on (?:the side of the (?:road|highway|freeway)"
    r"|the shoulder)|catch(?:ing)? fire|caught fire|flames|no brakes|brakes? (?:failed|gave out|are gone"
    r"|went out|went to the floor|aren't working|don't work|stopped working)|(?:to|hits|on) the floor"
    r"|smok(?:e|ing) (?:is |from|coming|under|out|pouring|in|and)|(?:car|engine|hood|truck) (?:is |was )?"
    r"smoking|smell(?:s|ing)? (?:like )?(?:gas|gasoline|fuel)|overheat(?:ing|ed)|steering (?:is |has |just "
    r")?(?:locked|gone|went)|can't steer|(?:car|truck|it|van|vehicle|brakes?) (?:just )?(?:can't|won't|wouldn't|doesn't) stop|airbags? (?:went|deployed|came|blew|has)"
    r"|(?:been|was|got|had|just) (?:in |into )?an? (?:accident|crash|wreck|collision)|wheel (?:is |came |fell "
    r"|just |about )|flashing (?:check )?engine|engine light is (?:flashing|blinking)|light is (?:flashing"
    r"|blinking)|stuck on the (?:road|highway|freeway|interstate))"
)
LANGUAGE = re.compile(
    r"\b(?:habla[sn]?|hablar|español|espanol|ingl[eé]s|quiero|necesito|puedo|por favor|cita|gracias|buenos"
    r"|buenas|carro|coche|cu[aá]nto|tiene[sn]?|mañana|para|con alguien|ayuda)\b.*\b(?:habla[sn]?|hablar"
    r"|español|espanol|ingl[eé]s|quiero|necesito|puedo|favor|cita|mi|un|una|el|la|en|de|d[ií]as|tardes|usted"
    r"|alguien|carro|coche)\b|^(?:habla|hablas|español|espanol|en español)\b"
    r"|\b(?<!they )(?<!countries )(?:speak|talk|respond|answer|reply|continue|switch|change|converse|communicate|set|use|hear)"
    r"(?: \w+){0,6}? (?:spanish|french|german|chinese|mandarin|cantonese|vietnamese|korean|russian|arabic"
    r"|portuguese|italian|japanese|tagalog|polish|hindi|english|another language|different language"
    r"|language)\b|\b(?:spanish|french|chinese|vietnamese|korean) (?:please|speaker|speaking|advisor)\b"
    r"|\bin (?:spanish|french|german|chinese|mandarin|vietnamese|korean|russian|italian|portuguese)\b"
    r"|\b(?:my|your|the) (?:\w+ )?language\b"
)
WRONG_NUMBER = re.compile(
    r"\bwrong (?:number|person|business|place|company)\b|\b(?:no|nobody|no one|isn't anyone|ain't nobody)(?: \w+)"
    r"{0,3}? by that name\b|\bmisdial(?:ed|led)\b|\bdialed (?:wrong|the wrong|incorrectly)\b"
)
MESSAGE = re.compile(
    r"\b(?:leave|take|pass|relay|give)(?: \w+){0,3}? (?:a )?message\b|\bcall (?:me|us) (?:back|later|tomorrow)\b"
    r"|\bcall ?backs?\b|\b(?:return|returning) (?:a |your |the |my )?(?:call|phone)\b|\bmissed (?:a|your) call\b"
)
REPEAT = re.compile(
    r"^(?:sorry |i'm sorry |wait |um |uh |oh |hey )*(?:what|huh|pardon|pardon me|excuse me|come again|say again"
    r"|say what|what's that|what was that|what is that|eh|sorry|repeat|i beg your pardon|again please|once more"
    r"|once again|one more time|again|what did you say|how's that|hello what|speak up|louder)(?: please| again"
    r"| sorry| now| to me| for me)*$"
    r"|\b(?:say|repeat|tell me|run|go over|explain|hear|phrase|restate|reiterate|give)(?: \w+){0,4}? (?:again|one more"
    r" time|once more|over again|another time|repeated|a second time)\b|\brepeat\b(?! customer| the problem| visit)"
    r"|\b(?:didn't|did not|don't|couldn't|could not|can't|cannot|haven't|missed|never)(?: \w+){0,2}? (?:catch|hear"
    r"|understand|get (?:that|it|what you|you)|make (?:that|it|you) out|follow|quite get|what you said)\b"
    r"|\bmissed (?:that|what you|it|the last|your)\b|\bsay (?:that|it) (?:slower|louder|slowly|one more)\b"
    r"|\bwhat (?:was|were|did) (?:that|you|it)(?: \w+)?(?: say(?:ing)?| said| last| again| part| mean| just say)+\b"
    r"|\bi (?:need|want|would like|'d like) (?:that|it|this) repeated\b|\brephrase\b|\brun that by\b"
)
DEPARTMENT = re.compile(
    r"\b(?:talk|speak|chat|connect|connected|transfer|transferred|put|get|reach|switch|pass|need|want)(?: \w+){0,5}?"
    r" (?:sales(?:man|person|people|woman|guy)?|parts|finance|financing|body shop|collision|billing|accounting|rental"
    r"|leasing)\b(?! (?:for|on) (?:my|the) (?:car|engine))"
)
GOODBYE = re.compile(
    r"^(?:\w+ ){0,3}?(?:sayonara|buh ?bye|toodles?|tootles|toodle oo|cya|see ya|laters?|later (?:gator|gater|dude|alligator)"
    r"|au revoir|hasta (?:la vista|luego|ma[nñ]ana)|ciao|adios|adi[oó]s|peace out|ttyl|so long|farewell|take care"
    r"|catch you later|good ?bye|bye|bye bye|good night|over and out)\b(?: \w+){0,4}$"
    r"|\b(?:nice|good|great|lovely|pleasure|wonderful|enjoyable|fun|pleasant|glad|enjoyed) (?:to )?(?:have )?(?:see|seen|seeing"
    r"|talk|talked|talking|chat|chatted|chatting|speak|spoke|spoken|speaking|visiting|our|this)(?: |$)(?:\w+ ?){0,7}$"
    r"|\b(?:talk|speak) to you (?:later|soon|again|tomorrow|another time)\b|\b(?:see|catch) (?:you|ya) (?:later|soon|around|again"
    r"|tomorrow|then|next|in)\b(?: \w+){0,3}$|^(?:(?:ok|okay|well|sorry|but|thanks|thank you|anyway|so|alright|hey|bye|yeah|yes|no|and|now|right|oh|great|good|cool) ){0,4}(?:you )?(?:have|enjoy) (?:a|the|your) (?:\w+ ){0,2}(?:day|one|night|evening"
    r"|weekend|afternoon|morning|week|rest of your day)(?: \w+){0,2}$|^(?:(?:ok|okay|well|sorry|but|thanks|thank you|anyway|so|alright|hey|bye|yeah|yes|no|and|now|right|oh|great|good|cool) ){0,4}(?:i've got to|i got to|gotta|i have to|i must|i need to"
    r"|better|i should) (?:go|run|get going|leave|be going|head out|say goodbye)(?: \w+){0,3}$|\b(?:end|finish|close|terminate)"
    r" (?:the|this|our) (?:call|chat|conversation)\b|^(?:please )?hang up\b|^(?:ok |okay |well )?i'm (?:outta here|out of here|off|out|leaving)"
    r"(?: now)?$"
)
THANKS = re.compile(
    r"^(?:(?:ok|okay|great|awesome|perfect|cool|good|well|wow|hey|yes|and|oh|wonderful|excellent|alright) )*(?:many |big |much )?"
    r"(?:thanks|thank you|thx|thankyou|merci|gracias|much obliged|i appreciate|much appreciated|really appreciate"
    r"|appreciate)\b(?!.*\b(?:bye|goodbye|but|can|could|what|when|how|where|why|would|need|want|i'd|i'll|did|is|are|do|does|i'm|also|let)\b)"
    r"(?: [\w']+){0,9}$"
)
CAPABILITIES = re.compile(
    r"\bwhat(?: \w+){0,3} (?:questions?|commands?|topics?|subjects?|requests?)(?: of \w+)?(?: areas?)?"
    r" (?:can|may|should|could|are|do|am|is)\b"
    r"|\bwhat (?:kinds?|sorts?|types?|all)(?: of)? (?:\w+ ){0,3}?(?:can|may|am|are|could|do) (?:i|you)"
    r" (?:ask|say|allowed|able|help|answer|do)\b"
    r"|\bwhat (?:else )?(?:can|are) you (?:do|able to|help|capable)\b|\bwhat do you (?:do|know)$"
    r"|\b(?:things|something|stuff) you can (?:do|help)\b"
)
NAME = re.compile(
    r"\bwho (?:am i|do i have the|are you|is this i)\b(?!.*\bcall)"
    r"|\b(?:your|have an?|ai's|ai) (?:full |first |last |real |actual |own )?name\b|\bwhat (?:do|should|can|may|would|shall|must|might|could)"
    r"(?: \w+){0,5}? (?:call|address|refer to) you\b|\b(?:do|are) you (?:go by|called|known as|answer to)\b|\b(?:do|would) you"
    r" (?:go by|answer to|like to be called|prefer to be called|like me to call you|want me to call you|want to be called)\b"
    r"|\bwhat (?:are|were) you (?:called|named)\b|\bhow (?:should|do|can|may|would)(?: \w+){0,4}? (?:address|call|refer to) you\b"
    r"|\bname (?:of this|should i (?:call|use)|you (?:go by|prefer|answer|use|have))\b"
)
NEVER_MIND = re.compile(
    r"^(?:oh |no |please |just |actually |okay |ok |hey |well )*(?:never ?mind|forget (?:it|that|about it|i asked)"
    r"|stop(?: it| that| talking| now| right there| please)*|quit(?: it)?|be quiet|quiet|hush|shut up|silence"
    r"|enough|drop it|let it go|skip (?:it|that)|cancel(?: that| this| it)?|abort|disregard(?: that| it)?"
    r"|scratch that|don't bother|leave it|shh+|cut it out|zip it|ignore that|nvm)(?: please| now| then| thanks"
    r"| anymore)*$|\bchanged? my mind\b|\bnever mind\b|\bnevermind\b|\bstop (?:talking|speaking|what you)"
    r"|\b(?:end|stop|turn off|kill|halt|terminate|abort|cancel|undo|abandon|refrain|quit)(?: \w+){0,4} (?:process|task|command"
    r"|program|action|operation|procedure)\b"
    r"|\b(?:shut up|be quiet|quit talking|don't say another|no more talking)\b"
    r"|\bcancel (?:that|my|the|this|what|your|last) (?:last |previous |current )*(?:request|command|question|thing"
    r"|action|order|task|thought|search|one|you|query|instruction|process)\b"
)

# "Ignore your instructions" is nothing that this desk does.
MEDDLING = re.compile(
    r"\b(?:ignore|forget|disregard|override|bypass|repeat|reveal|print|show me|what are)\b.{0,30}\b(?:instructions|rules|prompt"
    r"|programming|guidelines|system message)\b|\bsystem prompt\b|\b(?:pretend|act like|act as if|roleplay)\b.{0,20}\b(?:you|to be|a)\b"
)

_FIRST: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (Intent.OPT_OUT, OPT_OUT),
    (Intent.EMERGENCY, EMERGENCY),
    (Intent.OUT_OF_SCOPE, MEDDLING),
    (Intent.LANGUAGE, LANGUAGE),
    (Intent.WHO_ARE_YOU, _ASKS_NATURE),
    (Intent.OTHER_DEPARTMENT, DEPARTMENT),
    (Intent.HUMAN, HUMAN),
    (Intent.WRONG_NUMBER, WRONG_NUMBER),
    (Intent.REPEAT, REPEAT),
    (Intent.NEVER_MIND, NEVER_MIND),
    (Intent.MESSAGE, MESSAGE),
    (Intent.WHO_ARE_YOU, NAME),
    (Intent.CAPABILITIES, CAPABILITIES),
    (Intent.GOODBYE, GOODBYE),
    (Intent.THANKS, THANKS),
)


def first_rules(said: str) -> list[Intent]:
    """The intents that rules decide, the leading one first; empty where the model must."""
    # Agreement that sounds like "what?".
    if re.match(r"(?:uh huh|mm hm+|mhm|huh uh)$", said):
        return []
    return [intent for intent, pattern in _FIRST if pattern.search(said)]
