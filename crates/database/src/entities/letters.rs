use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub account: Option<Uuid>,
    pub email_change: Option<Uuid>,
    pub posted_at: i64,
    pub payload: Option<Vec<u8>>,
    pub state: String,
    pub due_at: i64,
    pub leased_until: Option<i64>,
    pub attempts: i64,
    pub ended_at: Option<i64>,
    pub error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
