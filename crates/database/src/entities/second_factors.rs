use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account: Uuid,
    pub kind: String,
    pub key: Option<Vec<u8>>,
    pub last_step: Option<i64>,
    pub codes: Option<String>,
    pub state: String,
    pub state_at: i64,
    pub ended_why: Option<String>,
    pub epoch: i64,
    pub begun_at: i64,
    pub last_used_at: Option<i64>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
