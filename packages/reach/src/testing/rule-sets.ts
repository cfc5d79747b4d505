/** Rules as a program restores them, and in which words. */
export interface RuleSet {
  /** What is set before, and what takes it back, each a line for a shell. */
  before?: string
  after?: string
  iptables?: string
  ip6tables?: string
  nft?: string
  /** What the first iptables, which keeps its tables apart, restores. */
  legacy?: string
  /** Part of the rule that the verdict quotes. */
  quotes?: string
}

/** What the place of the tests is made of: a port of the host that leads to a server behind a bridge. */
export const place = {
  bridge: 'box0',
  port: 8080,
  ...{ server: '10.77.0.2', server6: 'fd77::2' },
}

const dnat = `*nat
:PREROUTING ACCEPT [0:0]
:PUBLISHED - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j PUBLISHED
-A PUBLISHED -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.77.0.2:80
COMMIT
`

const prerouting = (rule: string) => `table inet early {
  chain before {
    type filter hook prerouting priority -110; policy accept;
    ${rule}
  }
}
`

/** `*filter` with FORWARD's policy and some rules after what the published port needs. */
const filter = (rules: string, { forward = 'ACCEPT', input = 'ACCEPT', chains = '' } = {}) => `${dnat}*filter
:INPUT ${input} [0:0]
:FORWARD ${forward} [0:0]
:OUTPUT ACCEPT [0:0]
${chains}${rules}COMMIT
`

/** Docker's own rules, as far as a published port meets them. */
const docker = (user: string) => `${dnat}*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o box0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o box0 -j DOCKER
-A FORWARD -i box0 ! -o box0 -j ACCEPT
-A DOCKER -d 10.77.0.2/32 ! -i box0 -o box0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
${user}-A DOCKER-USER -j RETURN
COMMIT
`

/** The chains that ufw makes, switched on with its own defaults; `route` is what `ufw route allow` adds. */
const ufw = (user: { input?: string; route?: string }) => `${dnat}*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ufw-before-input - [0:0]
:ufw-before-forward - [0:0]
:ufw-after-input - [0:0]
:ufw-after-forward - [0:0]
:ufw-after-logging-forward - [0:0]
:ufw-reject-forward - [0:0]
:ufw-not-local - [0:0]
:ufw-user-input - [0:0]
:ufw-user-forward - [0:0]
:ufw-logging-deny - [0:0]
:ufw-skip-to-policy-input - [0:0]
-A INPUT -j ufw-before-input
-A INPUT -j ufw-after-input
-A FORWARD -j ufw-before-forward
-A FORWARD -j ufw-after-forward
-A FORWARD -j ufw-after-logging-forward
-A FORWARD -j ufw-reject-forward
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -m conntrack --ctstate INVALID -j ufw-logging-deny
-A ufw-before-input -m conntrack --ctstate INVALID -j DROP
-A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-input -j ufw-not-local
-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 3 -j ACCEPT
-A ufw-before-forward -j ufw-user-forward
-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
-A ufw-not-local -m addrtype --dst-type MULTICAST -j RETURN
-A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN
-A ufw-not-local -m limit --limit 3/min --limit-burst 10 -j ufw-logging-deny
-A ufw-not-local -j DROP
-A ufw-after-input -p udp -m udp --dport 137 -j ufw-skip-to-policy-input
-A ufw-skip-to-policy-input -j DROP
-A ufw-after-logging-forward -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
-A ufw-logging-deny -m conntrack --ctstate INVALID -m limit --limit 3/min --limit-burst 10 -j RETURN
${user.input ?? ''}${user.route ?? ''}COMMIT
`

/** The tables that firewalld makes for the zone public; strict forwarding takes the accept of translated targets away. */
const firewalld = ({ isStrict = false, services = '22' }) => `table inet firewalld {
  chain mangle_PREROUTING {
    type filter hook prerouting priority mangle + 10; policy accept;
    jump mangle_PRE_zones
  }
  chain mangle_PRE_zones { iifname "eth0" goto mangle_PRE_public; goto mangle_PRE_public; }
  chain mangle_PRE_public { counter; }
  chain filter_PREROUTING {
    type filter hook prerouting priority filter + 10; policy accept;
    icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
    meta nfproto ipv6 fib saddr . mark . iif oif missing drop
  }
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_INPUT_zones
    reject with icmpx type admin-prohibited
  }
  chain filter_INPUT_zones { iifname "eth0" goto filter_IN_public; goto filter_IN_public; }
  chain filter_IN_public {
    jump filter_IN_public_allow
    meta l4proto { icmp, ipv6-icmp } accept
  }
  chain filter_IN_public_allow { tcp dport { ${services} } ct state { new, untracked } accept; }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    ${isStrict ? '' : 'ct status dnat accept'}
    iifname "lo" accept
    ct state invalid drop
    ip6 daddr { ::/96, 2002::/24 } reject with icmpv6 type addr-unreachable
    jump filter_FORWARD_zones
    reject with icmpx type admin-prohibited
  }
  chain filter_FORWARD_zones { iifname "eth0" goto filter_FWD_public; goto filter_FWD_public; }
  chain filter_FWD_public { meta l4proto { icmp, ipv6-icmp } accept; }
}
`

const forward = (rules: string, { priority = '0', policy = 'accept', more = '' } = {}) => `table inet fence {
  ${more}
  chain forward {
    type filter hook forward priority ${priority}; policy ${policy};
    ${rules}
  }
}
`

/** A chain of a table of one's own at the way that a packet or its answer takes. */
const chainAt = (head: string, rules: string, more = '') => `table inet fence {
  ${more}
  chain own { type filter hook ${head}; policy accept; ${rules}; }
}
`

const mangled = (rule: string) => `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -j CONNMARK ${rule}
-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
COMMIT
`
const dynamic = 'set seen { type ipv4_addr; flags dynamic, timeout; timeout 1h; }'

const answers = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n'

/** Under each of them the verdict is what a call from this side of the cable finds. `OUTSIDE` stands for that side's address. */
export const ruleSets: Record<string, RuleSet> = {
  'what begins a connection is let through, and nothing after it': {
    iptables: filter('-A FORWARD -o box0 -m conntrack --ctstate NEW -j ACCEPT\n-A FORWARD -i box0 -j ACCEPT\n', {
      forward: 'DROP',
    }),
    quotes: 'policy drop',
  },
  'the packet that opens a connection is let through, and none after it': {
    iptables: filter('-A FORWARD -o box0 -p tcp -m tcp --syn -j ACCEPT\n-A FORWARD -i box0 -j ACCEPT\n', {
      forward: 'DROP',
    }),
    quotes: 'policy drop',
  },
  'a chain before the translation drops what comes after an answer': {
    iptables: dnat,
    nft: prerouting('ct direction original ct state established tcp dport 8080 drop'),
    quotes: 'ct state established',
  },
  'a chain before the translation means what comes after it by another port': {
    iptables: dnat,
    nft: prerouting('ct direction original ct state established tcp dport 80 drop'),
  },
  'nothing but the translation': { quotes: '--to-destination 10.77.0.2:80', iptables: dnat },
  'FORWARD drops by its policy': { quotes: 'policy drop', iptables: filter('', { forward: 'DROP' }) },
  'FORWARD lets translated targets through': {
    quotes: 'ESTABLISHED,DNAT -j ACCEPT',
    iptables: filter('-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT\n', { forward: 'DROP' }),
  },
  'FORWARD forgets the answers': { iptables: filter('-A FORWARD -o box0 -j ACCEPT\n', { forward: 'DROP' }) },
  'INPUT drops all, which is passed by': { iptables: filter('-A INPUT -j DROP\n', { input: 'DROP' }) },
  'one source may': {
    quotes: '-s OUTSIDE/32',
    iptables: filter(`${answers}-A FORWARD -s OUTSIDE/32 -p tcp -m tcp --dport 80 -j ACCEPT\n`, { forward: 'DROP' }),
  },
  'another source may': {
    quotes: '-s 192.0.2.0/24',
    iptables: filter(`${answers}-A FORWARD -s 192.0.2.0/24 -o box0 -j ACCEPT\n`, { forward: 'DROP' }),
  },
  'one network may not': {
    quotes: '-s 10.99.0.0/16 -o box0 -j REJECT',
    iptables: filter('-A FORWARD -s 10.99.0.0/16 -o box0 -j REJECT\n'),
  },
  'the port before the translation is what is refused': {
    iptables: filter('-A FORWARD -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP\n'),
  },
  'a mark made on the way in decides': {
    iptables: `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth+ -p tcp -m multiport --dports 80,8000:8100 -j MARK --set-xmark 0x10/0x10
COMMIT
${filter('-A FORWARD -m mark --mark 0x10/0x10 -j DROP\n')}`,
  },
  'the table raw drops it first': {
    quotes: '--dport 8080 -j DROP',
    iptables: `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp -m tcp --dport 8080 -j DROP
COMMIT
${dnat}`,
  },
  'what is not tracked is not translated': {
    iptables: `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 8080 -j CT --notrack
COMMIT
${dnat}`,
  },
  'the translation leads to a wrong address': {
    quotes: '10.77.0.9:80',
    iptables: dnat.replace('10.77.0.2', '10.77.0.9'),
  },
  'the translation leads to a wrong port': {
    quotes: '10.77.0.2:81',
    iptables: dnat.replace('10.77.0.2:80', '10.77.0.2:81'),
  },
  'the translation leaves the port as it is, which is not the server’s': {
    quotes: '--to-destination 10.77.0.2',
    iptables: dnat.replace('10.77.0.2:80', '10.77.0.2'),
  },
  'nft leads to a wrong port': {
    quotes: 'dnat to 10.77.0.2:81',
    nft: 'table ip own {\n  chain in { type nat hook prerouting priority dstnat; tcp dport 8080 dnat to 10.77.0.2:81; }\n}\n',
  },
  'Docker as it is': { quotes: '-A DOCKER -d', iptables: docker('') },
  'Docker with a drop in DOCKER-USER': {
    quotes: '-A DOCKER-USER -i eth0 -j DROP',
    iptables: docker('-A DOCKER-USER -i eth0 -j DROP\n'),
  },
  'Docker with one source in DOCKER-USER': { iptables: docker('-A DOCKER-USER ! -s OUTSIDE/32 -i eth0 -j DROP\n') },
  'ufw as it is': { quotes: 'policy drop', iptables: ufw({}) },
  'ufw allows the port in, which is passed by': {
    iptables: ufw({ input: '-A ufw-user-input -p tcp -m tcp --dport 8080 -j ACCEPT\n' }),
  },
  'ufw routes to the server': {
    quotes: '-A ufw-user-forward',
    iptables: ufw({ route: '-A ufw-user-forward -d 10.77.0.2/32 -p tcp -m tcp --dport 80 -j ACCEPT\n' }),
  },
  'firewalld as it is': { quotes: 'ct status dnat accept', iptables: dnat, nft: firewalld({}) },
  'firewalld with strict forwarding': {
    quotes: 'reject with icmpx',
    iptables: dnat,
    nft: firewalld({ isStrict: true }),
  },
  'an accept of iptables, then a drop of nft at a later priority': {
    quotes: 'oifname "box*" ct state new drop',
    iptables: filter('-A FORWARD -j ACCEPT\n'),
    nft: forward('oifname "box*" ct state new drop', { priority: '20' }),
  },
  'a drop of nft at an earlier priority': { iptables: dnat, nft: forward('tcp dport 80 drop', { priority: '-5' }) },
  'nft with a set of sources': {
    quotes: 'ip saddr @friends accept',
    iptables: dnat,
    nft: forward(
      'ct state vmap { established : accept, related : accept, invalid : drop }\n    ip saddr @friends accept',
      {
        policy: 'drop',
        more: 'set friends { type ipv4_addr; flags interval; elements = { 10.99.0.0/16, 192.0.2.1 } }',
      },
    ),
  },
  'nft with a map of verdicts': {
    quotes: 'ip saddr != 192.0.2.0/24 goto fence-end',
    iptables: dnat,
    nft: forward('tcp dport vmap { 22 : accept, 80 : jump fence-80 }', {
      more: 'chain fence-80 { ip saddr != 192.0.2.0/24 goto fence-end; accept; }\n  chain fence-end { drop; }',
    }),
  },
  'nft translates by itself': {
    quotes: 'map { 8080 : 10.77.0.2 . 80 }',
    nft: `table ip own {
  chain in {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local dnat ip addr . port to tcp dport map { 8080 : 10.77.0.2 . 80 }
  }
}
`,
  },
  'a condition that nobody understands before what drops all the same': {
    iptables: filter('-A FORWARD -m statistic --mode random --probability 0.5 -j DROP\n', { forward: 'DROP' }),
  },
  'the first iptables drops what nft accepts': {
    ...{ nft: forward('accept'), iptables: dnat, quotes: '-A FORWARD -o box0 -j DROP' },
    legacy: '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -o box0 -j DROP\nCOMMIT\n',
  },
  'a table that is switched off': {
    iptables: dnat,
    nft: 'table inet fence {\n  flags dormant\n  chain own { type filter hook forward priority 0; policy drop; }\n}\n',
  },
  'a mark that the connection keeps decides': {
    quotes: '-m connmark --mark 0x7 -j DROP',
    iptables: `${mangled('--set-xmark 0x7/0xffffffff')}${filter('-A FORWARD -m connmark --mark 0x7 -j DROP\n')}`,
  },
  'a mark that is restored from the connection decides': {
    quotes: '-m mark --mark 0x7 -j DROP',
    iptables: `${mangled('--set-xmark 0x7/0xffffffff')}${filter('-A FORWARD -m mark --mark 0x7 -j DROP\n')}`,
  },
  'nft marks the connection': {
    iptables: dnat,
    nft: `${chainAt('prerouting priority -150', 'ct mark set 0x5')}${forward('ct mark 0x5 drop')}`,
    quotes: 'ct mark 0x00000005 drop',
  },
  'nft keeps a mark with the connection, of which nothing is asked': {
    iptables: dnat,
    nft: `${chainAt('prerouting priority -150', 'ct mark set meta mark')}${forward('ct mark 0x5 drop')}`,
  },
  'a chain of nft in a table of iptables': {
    iptables: filter(''),
    nft: 'table ip filter {\n  chain extra { type filter hook forward priority 10; policy drop; }\n}\n',
    quotes: 'policy drop',
  },
  'a rule of nft in a chain of iptables, which prints another': {
    iptables: filter(''),
    nft: 'add rule ip filter FORWARD tcp dport { 443, 444 } drop\n',
  },
  'a drop where sources are translated': {
    iptables: dnat,
    nft: 'table ip own {\n  chain out { type nat hook postrouting priority 100; oifname "box0" drop; }\n}\n',
    quotes: 'oifname "box0" drop',
  },
  'sources are translated, and the answers come back all the same': {
    iptables: `${dnat.replace('COMMIT\n', '')}:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o box0 -j MASQUERADE\nCOMMIT\n`,
  },
  'a chain at another interface, without a rule': {
    iptables: dnat,
    nft: 'table netdev own {\n  chain in { type filter hook ingress device "box0" priority 0; policy accept; }\n}\n',
  },
  'the host does not answer a network': {
    iptables: dnat,
    ...{ before: 'ip route add prohibit 203.0.113.0/24', after: 'ip route del prohibit 203.0.113.0/24' },
    quotes: 'prohibit 203.0.113.0/24',
  },
  'the first iptables translates': { legacy: dnat, quotes: '--to-destination 10.77.0.2:80' },
}

/** Under these a part of the packets gets through, and nobody can tell which. */
export const undecided: Record<string, RuleSet> = {
  'a match of chance': {
    ...{
      iptables: filter('-A FORWARD -m statistic --mode random --probability 0.5 -j DROP\n'),
      quotes: '-m statistic',
    },
  },
  'a limit of nft': {
    iptables: dnat,
    nft: forward('limit rate 3/minute accept', { policy: 'drop' }),
    quotes: 'limit rate',
  },
  'a drop at the way out of an interface': {
    iptables: dnat,
    nft: 'table netdev own {\n  chain out { type filter hook egress device "eth0" priority 0; tcp sport 8080 drop; }\n}\n',
    quotes: 'tcp sport 8080 drop',
  },
  'answers that are not tracked': {
    iptables: `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i box0 -j CT --notrack\nCOMMIT\n${dnat}`,
    quotes: '-i box0 -j CT --notrack',
  },
  'what a connection went through, compared as a whole': {
    iptables: dnat,
    nft: forward('ct status != dnat drop'),
    quotes: 'ct status != dnat drop',
  },
  'a set that is filled by its own packets': {
    iptables: dnat,
    nft: forward('ct state new update @seen { ip saddr }\n    ip saddr @seen drop', { more: dynamic }),
    quotes: 'ip saddr @seen drop',
  },
  'a limit for each source': {
    iptables: dnat,
    nft: forward('ct state new add @seen { ip saddr limit rate over 1000/second } drop', { more: dynamic }),
    quotes: 'limit rate over 1000/second',
  },
  'a match that has no option': { iptables: filter('-A FORWARD -m u32 --u32 "0x0=0x0" -j DROP\n'), quotes: '-m u32' },
  'a chain at the interface of the containers': {
    iptables: dnat,
    nft: 'table netdev own {\n  chain in { type filter hook ingress device "box0" priority 0; tcp sport 80 drop; }\n}\n',
    quotes: 'tcp sport 80 drop',
  },
  'a chain of bridges': {
    iptables: dnat,
    nft: 'table bridge own {\n  chain in { type filter hook input priority 0; policy accept; ether type ip drop; }\n}\n',
    quotes: 'drop',
  },
  'a route of the target that leads nowhere': {
    ...{ iptables: dnat, quotes: 'blackhole 10.77.0.2' },
    ...{ before: 'ip route add blackhole 10.77.0.2/32', after: 'ip route del blackhole 10.77.0.2/32' },
  },
  'a routing of one network by its source': {
    ...{ iptables: dnat, quotes: 'from 203.0.113.0/24 prohibit' },
    ...{ before: 'ip rule add from 203.0.113.0/24 prohibit', after: 'ip rule del from 203.0.113.0/24 prohibit' },
  },
  'containers whose packets are not passed on': {
    ...{ iptables: dnat, quotes: 'net.ipv4.conf.box0.forwarding' },
    ...{ before: 'sysctl -qw net.ipv4.conf.box0.forwarding=0', after: 'sysctl -qw net.ipv4.conf.box0.forwarding=1' },
  },
  'a queue to a program': { iptables: filter('-A FORWARD -j NFQUEUE --queue-num 1\n'), quotes: 'NFQUEUE' },
}

/** For a server on the host itself, port 9090, as a userland proxy is: INPUT decides, FORWARD does not. */
export const hostRules: Record<string, RuleSet> = {
  'no rule': {},
  'FORWARD drops all, which is passed by': { iptables: filter('', { forward: 'DROP' }) },
  'INPUT drops by its policy': { iptables: filter('', { input: 'DROP' }), quotes: 'policy drop' },
  'neither packets nor answers are tracked': {
    iptables:
      '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n' +
      '-A PREROUTING -p tcp -m tcp --dport 9090 -j CT --notrack\n-A OUTPUT -p tcp -m tcp --sport 9090 -j CT --notrack\nCOMMIT\n',
  },
  'OUTPUT drops the answers': {
    ...{ iptables: filter('-A OUTPUT -p tcp -m tcp --sport 9090 -j DROP\n'), quotes: '--sport 9090 -j DROP' },
  },
  'ufw as it is': { iptables: ufw({}), quotes: 'policy drop' },
  'ufw allows the port': {
    iptables: ufw({ input: '-A ufw-user-input -p tcp -m tcp --dport 9090 -j ACCEPT\n' }),
    quotes: '-A ufw-user-input -p tcp -m tcp --dport 9090 -j ACCEPT',
  },
  'firewalld as it is': { nft: firewalld({}), quotes: 'reject with icmpx' },
  'firewalld with the port in its zone': { nft: firewalld({ services: '22, 9090' }), quotes: 'tcp dport { 22, 9090 }' },
  'INPUT takes what begins a connection, and nothing after it': {
    iptables: filter('-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n', { input: 'DROP' }),
    quotes: 'policy drop',
  },
  'INPUT refuses what does not begin a connection': {
    iptables: filter('-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n-A INPUT -p tcp -j REJECT\n'),
    quotes: '-A INPUT -p tcp -j REJECT',
  },
}

const dnat6 = dnat.replace('10.77.0.2:80', '[fd77::2]:80')

/** For calls by IPv6. */
export const rules6: Record<string, RuleSet> = {
  'nothing but the translation': { ip6tables: dnat6, quotes: '[fd77::2]:80' },
  'rules for IPv4 alone': { iptables: filter('', { forward: 'DROP' }), ip6tables: dnat6 },
  'firewalld as it is': { ip6tables: dnat6, nft: firewalld({}), quotes: 'ct status dnat accept' },
  'one network may': {
    ip6tables: dnat6,
    nft: forward('ct state established,related accept\n    ip6 saddr fd99::/64 accept', { policy: 'drop' }),
    quotes: 'ip6 saddr fd99::/64 accept',
  },
  'a drop of ip6tables': {
    ip6tables: `${dnat6}*filter\n:FORWARD DROP [0:0]\nCOMMIT\n`,
    quotes: 'policy drop',
  },
}
