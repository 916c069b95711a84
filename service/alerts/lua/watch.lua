-- What a viewer has missed, or, where that cannot be told, the account as it is.
-- KEYS: the account's log of alerts, its state
-- ARGV: the last change that the viewer has seen ('' for none), how many changes are kept
-- Returns, of one instant, {1, all changes since then, the state}; or {0, the newest one's id, the
--   state}
local last, most = ARGV[1], tonumber(ARGV[2])
local from_the_start = last == '0-0' and redis.call('XLEN', KEYS[1]) < most
if from_the_start or (last ~= '' and #redis.call('XRANGE', KEYS[1], last, last) == 1) then
    return {1, redis.call('XRANGE', KEYS[1], '(' .. last, '+'), redis.call('GET', KEYS[2])}
end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {0, newest[1] and newest[1][1] or '0-0', redis.call('GET', KEYS[2])}
