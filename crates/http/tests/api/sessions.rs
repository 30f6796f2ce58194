//! More sessions than a list holds.

use std::collections::BTreeSet;

use crate::support::{ADA, Shop};

#[tokio::test]
async fn a_list_that_is_full_says_that_there_may_be_more_and_all_others_end() {
    let shop = Shop::new();
    let mine = shop.ada().await;
    // As the use case has it: over HTTP, so many sign-ins of one address are held up.
    for _ in 0..99 {
        shop.world.sign_in(ADA).await;
    }
    let list = || shop.get("/v1/sessions").bearer(&mine);
    let told = |json: &serde_json::Value| {
        let data = json["data"].as_array().unwrap();
        let ids: BTreeSet<String> = data.iter().map(|session| session["id"].to_string()).collect();
        assert_eq!(ids.len(), data.len());
        (data.len(), json["more"].as_bool().unwrap())
    };
    let late: Vec<String> = {
        let mut late = Vec::new();
        for _ in 0..3 {
            late.push(shop.sign_in(ADA).await);
        }
        late
    };
    assert_eq!(told(&list().send().await.expect(200).json()), (100, true));
    for token in &late {
        shop.get("/v1/session").bearer(token).send().await.expect(200);
    }

    let end = shop.ask("POST", "/v1/sessions/end-others").bearer(&mine);
    end.send().await.expect(204);
    assert_eq!(told(&list().send().await.expect(200).json()), (1, false));
    for token in &late {
        shop.get("/v1/session").bearer(token).send().await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_list_that_is_whole_says_so() {
    let shop = Shop::new();
    let mine = shop.ada().await;
    shop.sign_in(ADA).await;
    let list = shop.get("/v1/sessions").bearer(&mine).send().await.expect(200).json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["more"], false);
}
