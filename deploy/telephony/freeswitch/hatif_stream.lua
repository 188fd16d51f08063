-- Hatif behind FreeSWITCH 1.10 by its own streaming: mod_audio_fork, as it is in github.com/jambonz/freeswitch-modules
-- (AGPL-3.0 outside of a jambonz server). Put this file into scripts/, and call it from the dialplan:
--
--   <action application="lua" data="hatif_stream.lua ws://10.1.0.8:8090/freeswitch pbx PASSWORD"/>
--
-- with the address of HATIF_STREAMS_PORT, and the user and the password of an [[account]] of HATIF_STREAMS_ACCOUNTS.
-- A proxy with a certificate before that port makes it wss://.
--
-- The channel's UUID is the call's identity: a stream that breaks is started again under it, and Hatif goes on where it
-- was. Three streams in a row that end within two seconds mean that nobody can take the call.

local url, user, password = argv[1], argv[2], argv[3]
local uuid = session:get_uuid()
local api = freeswitch.API()
local NAME = "hatif"

session:answer()
session:setVariable("MOD_AUDIO_BASIC_AUTH_USERNAME", user)
session:setVariable("MOD_AUDIO_BASIC_AUTH_PASSWORD", password)

-- Keys go as text. The API parts its arguments at blanks, and the binding at commas: the text has neither.
for key in ("0123456789*#"):gmatch(".") do
  session:execute("bind_digit_action",
    string.format('%s,%s,api:uuid_audio_fork,%s send_text %s {"dtmf":"%s"}', NAME, key, uuid, NAME, key))
end
session:execute("digit_action_set_realm", NAME)

local events = freeswitch.EventConsumer("CUSTOM", "mod_audio_fork::disconnect")
events:bind("CUSTOM", "mod_audio_fork::connect_failed")

local function start()
  -- The caller alone, at 8 kHz; sound back as a stream at 8 kHz.
  local number = string.gsub(session:getVariable("caller_id_number") or "", "[^%d+]", "")
  local told = string.format('{"callSid":"%s","from":"%s"}', uuid, number)
  api:executeString(
    string.format("uuid_audio_fork %s start %s/%s mono 8k %s %s true true 8000", uuid, url, uuid, NAME, told))
end

-- "over" once Hatif has ended the call, "broken" where the stream has ended without that.
local function ended()
  local event = events:pop()
  while event do
    if event:getHeader("Unique-ID") == uuid then
      local body = event:getBody() or ""
      return body:find("over", 1, true) and "over" or "broken"
    end
    event = events:pop()
  end
end

local short, began = 0, os.time()
start()
while session:ready() and short < 3 do
  -- Sound is only exchanged while the channel plays something.
  session:streamFile("silence_stream://200")
  local how = ended()
  if how == "over" then
    break
  elseif how == "broken" then
    short = os.time() - began < 2 and short + 1 or 0
    api:executeString("uuid_audio_fork " .. uuid .. " stop " .. NAME)
    session:sleep(500)
    began = os.time()
    start()
  end
end
session:hangup()
