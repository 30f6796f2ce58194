//! Against a name server of our own, on a UDP port of this machine.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::rdata::{A, AAAA, MX, SOA};
use tokio::net::UdpSocket;

use super::*;

/// What the name server does with a question.
#[derive(Clone)]
enum Reply {
    Records(Vec<RData>),
    /// No records, with the zone's SOA, as name servers should say it.
    Empty(ResponseCode),
    /// No records and no SOA, as some say it.
    Bare(ResponseCode),
    Garbage,
    Silence,
}

use Reply::{Bare, Empty, Garbage, Records, Silence};

fn mx(exchange: &str) -> RData {
    RData::MX(MX::new(10, Name::from_ascii(exchange).unwrap()))
}
fn v4() -> Reply {
    Records(vec![RData::A(A(Ipv4Addr::new(192, 0, 2, 1)))])
}
fn v6() -> Reply {
    Records(vec![RData::AAAA(AAAA(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)))])
}
const NOTHING: Reply = Empty(ResponseCode::NoError);

/// The answers to MX, A and AAAA.
type Zone = [Reply; 3];

fn answer(question: &Message, reply: Reply) -> Option<Vec<u8>> {
    let mut message = Message::response(question.metadata.id, question.metadata.op_code);
    message.metadata.recursion_available = true;
    let name = question.queries[0].name().clone();
    message.add_query(question.queries[0].clone());
    match reply {
        Silence => return None,
        Garbage => return Some(b"no answer at all".to_vec()),
        Records(records) => {
            message
                .add_answers(records.into_iter().map(|r| Record::from_rdata(name.clone(), 60, r)));
        }
        Bare(code) => message.metadata.response_code = code,
        Empty(code) => {
            message.metadata.response_code = code;
            let soa = SOA::new(name.clone(), name.clone(), 1, 60, 60, 60, 60);
            message.add_authority(Record::from_rdata(name, 60, RData::SOA(soa)));
        }
    }
    Some(message.to_vec().unwrap())
}

/// What is said of a domain, and the questions that were asked about it.
async fn asked(domain: &str, zone: Zone) -> (MailDomain, Vec<String>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let questions = Arc::new(Mutex::new(Vec::new()));
    let heard = questions.clone();
    let serving = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let query = &question.queries[0];
            heard.lock().unwrap().push(format!(
                "{} {}",
                query.name().to_ascii(),
                query.query_type()
            ));
            let [mx, a, aaaa] = zone.clone();
            let reply = match query.query_type() {
                RecordType::MX => mx,
                RecordType::A => a,
                RecordType::AAAA => aaaa,
                other => panic!("nobody asks for {other}"),
            };
            if let Some(bytes) = answer(&question, reply) {
                socket.send_to(&bytes, from).await.unwrap();
            }
        }
    });
    let found = DnsMailDomains::asking(address).look_up(domain).await;
    serving.abort();
    let mut questions = std::mem::take(&mut *questions.lock().unwrap());
    questions.sort();
    (found, questions)
}

#[tokio::test]
async fn a_domain_takes_mail_by_its_mx_or_else_by_its_address() {
    use MailDomain::{MayAccept, Refuses};
    let fails = || Empty(ResponseCode::ServFail);
    for (case, zone, found) in [
        ("an MX", [Records(vec![mx("mail.lune.example.")]), NOTHING, NOTHING], MayAccept),
        ("a null MX", [Records(vec![mx(".")]), v4(), v6()], Refuses),
        (
            "a null MX beside a real one",
            [Records(vec![mx("."), mx("mail.lune.example.")]), NOTHING, NOTHING],
            MayAccept,
        ),
        ("an IPv4 address", [NOTHING, v4(), NOTHING], MayAccept),
        ("an IPv6 address", [NOTHING, NOTHING, v6()], MayAccept),
        ("nothing", [NOTHING, NOTHING, NOTHING], Refuses),
        (
            "nothing, said without SOA",
            [Bare(ResponseCode::NoError), Bare(ResponseCode::NoError), Bare(ResponseCode::NoError)],
            Refuses,
        ),
        ("nothing for sure", [NOTHING, fails(), NOTHING], MayAccept),
    ] {
        let (said, _) = asked("lune.example", zone).await;
        assert_eq!(said, found, "{case}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_exist_takes_no_mail() {
    for code in [Empty(ResponseCode::NXDomain), Bare(ResponseCode::NXDomain)] {
        let (said, questions) = asked("xn--bcher-kva.example", [code, v4(), v4()]).await;
        assert_eq!(said, MailDomain::Refuses);
        // The name as it is, without anybody's search list.
        assert_eq!(questions, ["xn--bcher-kva.example. MX"]);
    }
}

#[tokio::test]
async fn a_server_that_cannot_say_refuses_nobody() {
    for reply in [
        Empty(ResponseCode::ServFail),
        Bare(ResponseCode::Refused),
        Bare(ResponseCode::NotImp),
        Garbage,
    ] {
        let (said, _) = asked("lune.example", [reply, NOTHING, NOTHING]).await;
        assert_eq!(said, MailDomain::MayAccept);
    }
}

#[tokio::test]
async fn a_silent_server_is_waited_for_two_seconds_at_most() {
    let waiting = asked("lune.example", [Silence, NOTHING, NOTHING]);
    let (said, questions) = timeout(LONGEST * 2, waiting).await.expect("it gives up");
    assert_eq!(said, MailDomain::MayAccept);
    assert!(!questions.is_empty());
}

#[tokio::test]
async fn without_a_server_nobody_is_refused() {
    let none = DnsMailDomains { resolver: None };
    assert_eq!(none.look_up("lune.example").await, MailDomain::MayAccept);
    assert_eq!(AlwaysAccepts.look_up("lune.example").await, MailDomain::MayAccept);
    // Nobody listens on the discard port.
    let gone = DnsMailDomains::asking(SocketAddr::from((Ipv4Addr::LOCALHOST, 9)));
    assert_eq!(gone.look_up("lune.example").await, MailDomain::MayAccept);
}
