use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_answers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    pub body: Vec<u8>,
    pub claimed_at: i64,
    pub answer: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
