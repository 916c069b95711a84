-- Puts folded states in place and acknowledges their events, account by account, in one step. What
-- became of the account's alerts is logged in the same step, so it is told once or not at all.
-- KEYS: stream, erased accounts, bell, due accounts, webhooks, then per account its state, its recent events
--   and its alerts' log
-- ARGV: group, consumer, ms to keep recent events, most of them, ms to keep a log, most of its
--   entries, then per account: its id, its tombstone, the state that was read ('' for none), the
--   state to be ('' for the same), when its alerts turn ('' for never), and four lists, each with
--   its length first: ids of entries, recent events, changes of alerts, and deliveries of these,
--   each after the instant from which it may be sent
-- Returns per account: 0 done; 1 the state is another by now; 2 an entry was done by somebody else
local stream, erased, bell, due, webhooks = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group, consumer = ARGV[1], ARGV[2]
local most, most_logged = tonumber(ARGV[4]), ARGV[6]
local at = 7

-- The bounds of the list that is next.
local function list()
    local first = at + 1
    at = first + ARGV[at]
    return first, at - 1
end

-- All the ids, or none of them: what was acknowledged in vain is put back.
local function acknowledged(first, last)
    for i = first, last do
        if redis.call('XACK', stream, group, ARGV[i]) == 0 then
            for back = first, i - 1 do
                redis.call('XCLAIM', stream, group, consumer, 0, ARGV[back], 'FORCE', 'JUSTID')
            end
            return false
        end
    end
    return true
end

local said = {}
for place = 6, #KEYS, 3 do
    local state, recent, log = KEYS[place], KEYS[place + 1], KEYS[place + 2]
    local account, tombstone, read, folded = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local turns = ARGV[at + 4]
    at = at + 5
    local first, last = list()
    local first_event, last_event = list()
    local first_change, last_change = list()
    local first_delivery, last_delivery = list()
    if redis.call('SISMEMBER', erased, tombstone) == 1 then
        if first <= last then
            redis.call('XACK', stream, group, unpack(ARGV, first, last))
            redis.call('XDEL', stream, unpack(ARGV, first, last))
        end
        redis.call('ZREM', due, account)
        said[#said + 1] = 0
    elseif (redis.call('GET', state) or '') ~= read then
        said[#said + 1] = 1
    elseif not acknowledged(first, last) then
        said[#said + 1] = 2
    else
        if folded ~= '' then
            redis.call('SET', state, folded)
        end
        if first_event <= last_event then
            if redis.call('RPUSH', recent, unpack(ARGV, first_event, last_event)) > most then
                redis.call('LTRIM', recent, -most, -1)
            end
            redis.call('PEXPIRE', recent, ARGV[3])
        end
        if first_change <= last_change then
            for i = first_change, last_change do
                redis.call('XADD', log, 'MAXLEN', most_logged, '*', 'c', ARGV[i])
            end
            redis.call('PEXPIRE', log, ARGV[5])
            redis.call('XADD', bell, 'MAXLEN', '~', 10000, '*', 'a', account)
        end
        for i = first_delivery, last_delivery, 2 do
            redis.call('ZADD', webhooks, ARGV[i], ARGV[i + 1])
        end
        if turns == '' then
            redis.call('ZREM', due, account)
        else
            redis.call('ZADD', due, turns, account)
        end
        said[#said + 1] = 0
    end
end
return said
