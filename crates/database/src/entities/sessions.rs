use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account: Uuid,
    pub secret: Vec<u8>,
    pub epoch: i64,
    pub carrier: String,
    pub device: String,
    pub source: String,
    pub started_at: i64,
    pub last_used_at: i64,
    pub proved_at: i64,
    pub factor_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub ended_why: Option<String>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
