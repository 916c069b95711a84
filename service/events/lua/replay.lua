-- A dead letter goes back onto the stream, once. What the event log has it will not write again.
-- KEYS: stream, dead letters
-- ARGV: the dead letter's id
local found = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])
if #found == 0 then
    return 0
end
local fields, event, logged = found[1][2], nil, '0'
for i = 1, #fields, 2 do
    if fields[i] == 'e' then event = fields[i + 1] end
    if fields[i] == 'logged' then logged = fields[i + 1] end
end
redis.call('XADD', KEYS[1], '*', 'e', event, 'logged', logged)
redis.call('XDEL', KEYS[2], ARGV[1])
return 1
