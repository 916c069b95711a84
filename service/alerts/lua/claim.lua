-- Takes accounts that are due, and keeps them from other workers while they are looked at. Whoever
-- has looked says when they are due next; of a worker that dies they are due again by themselves.
-- KEYS: due accounts
-- ARGV: now, until when they are kept from others (seconds both), most of them
-- Returns the accounts
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, account in ipairs(due) do
    redis.call('ZADD', KEYS[1], ARGV[2], account)
end
return due
